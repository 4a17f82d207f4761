"""Calls through the client that 'cargo rpc export --python' wrote.

Takes its settings as one JSON object in the first argument:

    url        transport URL
    pin        the version that the client is pinned to, if it is

Reads steps from standard input, {"method": ..., "args": {...}}, and prints, for
each, {"result": ...} or {"error": {...}}.
"""

import json
import logging
import sys

import oslo_messaging
from oslo_config import cfg

from client import describe
from exported import rpcapi


class ShelfAPI(rpcapi.ShelfAPI):

    def older_form(self, method, argument, value, version):
        assert (method, argument, version) == ('store', 'place', '1.0')
        return str(value)


def main():
    settings = json.loads(sys.argv[1])
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    cfg.CONF([], project='peer', default_config_files=[])
    transport = oslo_messaging.get_rpc_transport(
        cfg.CONF, settings['url'], rpcapi.EXMODS)
    api = ShelfAPI(transport, version_cap=settings.get('pin'),
                   timeout=20, retry=3)
    for line in sys.stdin:
        step = json.loads(line)
        try:
            send = getattr(api, step['method'])
            answer = {'result': send({}, **step['args'])}
        except Exception as error:
            answer = {'error': describe(error)}
        print(json.dumps(answer, default=repr), flush=True)
    transport.cleanup()


if __name__ == '__main__':
    main()
