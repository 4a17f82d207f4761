"""A server in Python for the client in Rust beside it. Ctrl-C ends it.

    python server.py rabbit://guest:guest@localhost/
"""

import signal
import sys
import threading

import oslo_messaging
from oslo_config import cfg

import inventory


class Warehouse:
    """Ten pieces of everything."""

    target = oslo_messaging.Target(namespace='stock', version='1.1')

    @oslo_messaging.expected_exceptions(inventory.OutOfStock)
    def take(self, ctxt, item, count, reserve=False):
        print('%s takes %s of %s' % (ctxt['user_id'], count, item), flush=True)
        if count > 10:
            raise inventory.OutOfStock(item=item, wanted=count, left=10)
        return 10 - count


def main():
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    transport = oslo_messaging.get_rpc_transport(cfg.CONF, sys.argv[1])
    target = oslo_messaging.Target(topic='inventory', server='python')
    server = oslo_messaging.get_rpc_server(transport, target, [Warehouse()],
                                           executor='threading')
    server.start()
    print('serving; Ctrl-C ends it', flush=True)
    ended.wait()
    server.stop()
    server.wait()
    transport.cleanup()


if __name__ == '__main__':
    cfg.CONF([])
    main()
