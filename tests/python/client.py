"""An oslo.messaging client that does what it is told, one JSON object a line.

Takes its settings as one JSON object in the first argument:

    url        transport URL
    options    driver options
    allow      modules whose exceptions are rebuilt

Reads steps from standard input:

    do         "call" (default), "cast" or "can_send"
    method, args, ctxt
    prepare    what goes to prepare(): exchange, topic, namespace, version,
               server, fanout, timeout, version_cap, call_monitor_timeout

and prints, for each, {"result": ...} or {"error": {...}}.
"""

import json
import logging
import sys

import oslo_messaging
from oslo_config import cfg

from server import transport_url


def take(client, step):
    prepared = client.prepare(**step.get('prepare', {}))
    if step.get('do') == 'can_send':
        return prepared.can_send_version(**step.get('args', {}))
    send = prepared.cast if step.get('do') == 'cast' else prepared.call
    return send(step.get('ctxt', {}), step['method'], **step.get('args', {}))


def describe(error):
    # A rebuilt error has its text in its first argument. KeyError spells it as
    # Python source in str().
    text = error.args[0] if error.args else ''
    told = {'class': type(error).__name__, 'module': type(error).__module__,
            'bases': ['%s.%s' % (base.__module__, base.__name__)
                      for base in type(error).__mro__[1:]],
            # What follows the first line is the traceback.
            'message': str(text).split('\n')[0]}
    for name in ('exc_type', 'value', 'kwargs', 'version', 'method'):
        if hasattr(error, name):
            told[name] = getattr(error, name)
    return told


def main():
    settings = json.loads(sys.argv[1])
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    cfg.CONF([], project='peer', default_config_files=[])
    transport = oslo_messaging.get_rpc_transport(
        cfg.CONF, transport_url(settings), settings.get('allow', []))
    client = oslo_messaging.get_rpc_client(
        transport, oslo_messaging.Target(), timeout=20, retry=3)
    for line in sys.stdin:
        try:
            answer = {'result': take(client, json.loads(line))}
        except Exception as error:
            answer = {'error': describe(error)}
        print(json.dumps(answer, default=repr), flush=True)
    transport.cleanup()


if __name__ == '__main__':
    main()
