"""A client in Python for the server in Rust beside it.

    python client.py rabbit://guest:guest@localhost/
"""

import sys

import oslo_messaging
from oslo_config import cfg

import inventory


def main():
    transport = oslo_messaging.get_rpc_transport(
        cfg.CONF, sys.argv[1], allowed_remote_exmods=['inventory'])
    target = oslo_messaging.Target(topic='inventory', namespace='stock',
                                   version='1.1')
    client = oslo_messaging.get_rpc_client(transport, target, timeout=30)
    ctxt = {'user_id': 'ada'}

    left = client.call(ctxt, 'take', item='bolt', count=3, reserve=True)
    print('%s bolts left' % left)

    # Version 1.0 of the API had no 'reserve': the server takes its default.
    left = client.prepare(version='1.0').call(ctxt, 'take', item='bolt',
                                              count=4)
    print('%s bolts left' % left)

    # An error of the Rust enum is an exception of the class of that name.
    try:
        client.call(ctxt, 'take', item='bolt', count=100)
    except inventory.OutOfStock as error:
        print('only %s bolts are there' % error.kwargs['left'])
    transport.cleanup()


if __name__ == '__main__':
    cfg.CONF([])
    main()
