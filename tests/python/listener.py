"""An oslo.messaging listener to notifications, which tells tests what it hears.

Takes its settings as one JSON object in the first argument:

    url        transport URL
    topics     where it listens

Prints READY when it listens, and then each notification as a JSON object: priority, ctxt, publisher_id, event_type,
payload, metadata. Such an object as a line of its standard input is sent by a notifier of oslo.messaging, for
comparison. Stops when its standard input ends.
"""

import functools
import json
import logging
import sys

import oslo_messaging
from oslo_config import cfg

PRIORITIES = ('audit', 'debug', 'info', 'warn', 'error', 'critical', 'sample')


class Endpoint:
    """Hears every priority."""

    def __init__(self):
        for priority in PRIORITIES:
            setattr(self, priority, functools.partial(self._heard, priority))

    def _heard(self, priority, ctxt, publisher_id, event_type, payload,
               metadata):
        print(json.dumps({
            'priority': priority, 'ctxt': ctxt, 'publisher_id': publisher_id,
            'event_type': event_type, 'payload': payload,
            'metadata': metadata}), flush=True)


def main():
    settings = json.loads(sys.argv[1])
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    cfg.CONF([], project='peer', default_config_files=[])
    transport = oslo_messaging.get_notification_transport(
        cfg.CONF, settings['url'])
    targets = [oslo_messaging.Target(topic=topic)
               for topic in settings['topics']]
    listener = oslo_messaging.get_notification_listener(
        transport, targets, [Endpoint()], executor='threading')
    listener.start()
    print('READY', flush=True)
    notifier = oslo_messaging.Notifier(
        transport, driver='messagingv2', topics=settings['topics'])
    for line in sys.stdin:
        told = json.loads(line)
        own = notifier.prepare(publisher_id=told['publisher_id'])
        getattr(own, told['priority'])(
            {}, told['event_type'], told['payload'])
    listener.stop()
    listener.wait()
    transport.cleanup()


if __name__ == '__main__':
    main()
