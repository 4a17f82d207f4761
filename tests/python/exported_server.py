"""Serves through the manager that 'cargo rpc export --python' wrote.

Takes its settings as one JSON object in the first argument:

    url        transport URL

Prints READY when it listens, and stops when its standard input ends.
"""

import json
import logging
import sys

import oslo_messaging
from oslo_config import cfg

import peer_errors
from exported import manager


class ShelfManager(manager.ShelfManager):

    @oslo_messaging.expected_exceptions(peer_errors.Conflict)
    def take(self, ctxt, item, count=1, note=None):
        if item == 'air':
            raise peer_errors.Conflict('none is left')
        return '%s %s %s' % (count, item, note)


def main():
    settings = json.loads(sys.argv[1])
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    cfg.CONF([], project='peer', default_config_files=[])
    transport = oslo_messaging.get_rpc_transport(cfg.CONF, settings['url'])
    server = oslo_messaging.get_rpc_server(
        transport, oslo_messaging.Target(topic='shelf', server='one'),
        [ShelfManager()], executor='threading')
    server.start()
    print('READY', flush=True)
    sys.stdin.read()
    server.stop()
    server.wait()
    transport.cleanup()


if __name__ == '__main__':
    main()
