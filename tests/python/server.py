"""An oslo.messaging server whose answers are known, for tests to call.

Takes its settings as one JSON object in the first argument:

    url        transport URL
    topic, server, exchange
    endpoints  a list of {"namespace": ..., "version": ...}; default: one, without either
    options    driver options, such as {"kombu_compression": "gzip"}
    allow      modules whose exceptions are rebuilt

Prints READY when it listens, and stops when its standard input ends.
"""

import json
import logging
import sys
import threading
import time
import urllib.parse

import oslo_messaging
from oslo_config import cfg

import peer_errors

FAILURES = {
    'value': lambda: ValueError('bad value'),
    'key': lambda: KeyError('missing'),
    'unicode': lambda: RuntimeError('d\u00e9sol\u00e9 \u2603'),
    'empty': lambda: ValueError(''),
    'several': lambda: ValueError(2, ['three']),
    'not_found': lambda: peer_errors.InstanceNotFound(instance_id='i-42'),
    'conflict': lambda: peer_errors.Conflict('already there'),
    'host_down': lambda: peer_errors.HostDown('node-3', 'no power'),
}


class Endpoint:
    """The methods. The Rust peer of the tests offers the same."""

    def __init__(self, server, namespace=None, version=None):
        self.target = oslo_messaging.Target(namespace=namespace,
                                            version=version)
        self._label = '%s/%s/%s' % (server, namespace, version)
        self._notes = []
        self._changed = threading.Condition()

    def echo(self, ctxt, value):
        return value

    def add(self, ctxt, a, b=1):
        return a + b

    def nothing(self, ctxt):
        pass

    def whoami(self, ctxt):
        return self._label

    def context(self, ctxt):
        return dict(ctxt)

    def big(self, ctxt, size):
        return 'x' * size

    def slow(self, ctxt, seconds):
        time.sleep(seconds)
        return seconds

    def fail(self, ctxt, kind):
        raise FAILURES[kind]()

    @oslo_messaging.expected_exceptions(peer_errors.InstanceNotFound)
    def fail_expected(self, ctxt):
        raise FAILURES['not_found']()

    def note(self, ctxt, value):
        with self._changed:
            self._notes.append(value)
            self._changed.notify_all()

    def notes(self, ctxt, count):
        """What was noted, as soon as there are so many notes."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._notes) >= count, 20)
            return list(self._notes)

    def _private(self, ctxt):
        return 'nobody may call this'


def transport_url(settings):
    options = urllib.parse.urlencode(settings.get('options', {}))
    return settings['url'] + ('?' + options if options else '')


def main():
    settings = json.loads(sys.argv[1])
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    cfg.CONF([], project='peer', default_config_files=[])
    transport = oslo_messaging.get_rpc_transport(
        cfg.CONF, transport_url(settings), settings.get('allow', []))
    target = oslo_messaging.Target(
        exchange=settings.get('exchange'), topic=settings['topic'],
        server=settings['server'])
    endpoints = [Endpoint(settings['server'], **endpoint)
                 for endpoint in settings.get('endpoints', [{}])]
    server = oslo_messaging.get_rpc_server(transport, target, endpoints,
                                           executor='threading')
    server.start()
    print('READY', flush=True)
    sys.stdin.read()
    server.stop()
    server.wait()
    transport.cleanup()


if __name__ == '__main__':
    main()
