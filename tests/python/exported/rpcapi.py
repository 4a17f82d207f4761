"""Calls Shelf 1.2. Written by 'cargo rpc export --python'."""

import oslo_messaging

TOPIC = 'shelf'
NAMESPACE = 'stock'
VERSION = '1.2'
# For 'allowed_remote_exmods' of the transport: errors of these modules are raised by their class.
EXMODS = ['peer_errors']

# An argument that is not given: the server knows what it is then.
ABSENT = object()


def _order(version):
    return tuple(int(part) for part in version.split('.'))


class ShelfAPI:
    """Each method sends in the newest version that the pin allows."""

    def __init__(self, transport, version_cap=None, **options):
        target = oslo_messaging.Target(topic=TOPIC, namespace=NAMESPACE,
                                       version=VERSION)
        self.client = oslo_messaging.get_rpc_client(
            transport, target, version_cap=version_cap, **options)

    def older_form(self, method, argument, value, version):
        """What a version reads in place of a value whose form has changed.

        Override it: how the form is made stands in the trait, in Rust.
        """
        raise NotImplementedError("%s(%s=) has another form in version %s"
                                  % (method, argument, version))

    def _send(self, way, ctxt, method, since, arguments, versions, older,
              server):
        """Sends without what the version lacks, unless that was given."""
        steps = {since}
        for bounds in [*versions.values(), *older.values()]:
            steps.update(bound for bound in bounds if bound)
        steps = [step for step in steps if _order(step) >= _order(since)]
        for version in sorted(steps, key=_order, reverse=True):
            if self.client.can_send_version(version):
                break
        else:
            raise oslo_messaging.RPCVersionCapError(
                version=since, version_cap=self.client.version_cap)
        sent = {}
        for name, value in arguments.items():
            first, last = versions.get(name, (None, None))
            known = ((not first or _order(first) <= _order(version)) and
                     (not last or _order(version) < _order(last)))
            if known and value is not ABSENT:
                if any(_order(version) < _order(changed)
                       for changed in older.get(name, ())):
                    value = self.older_form(method, name, value, version)
                sent[name] = value
            elif not known and value is not ABSENT and value is not None:
                raise ValueError("%s(%s=) cannot be sent in version %s"
                                 % (method, name, version))
        client = self.client.prepare(version=version, server=server,
                                     fanout=(way == 'fanout' or None))
        send = client.call if way == 'call' else client.cast
        return send(ctxt, method, **sent)

    def take(self, ctxt, item, count=ABSENT, note=ABSENT, server=None):
        arguments = {
            'item': item,
            'count': count,
            'note': note,
        }
        versions = {
            'count': ('1.1', None),
            'note': ('1.2', None),
        }
        older = {}
        return self._send('call', ctxt, 'take', '1.0', arguments,
                          versions, older, server)

    def take_cast(self, ctxt, item, count=ABSENT, note=ABSENT, server=None):
        arguments = {
            'item': item,
            'count': count,
            'note': note,
        }
        versions = {
            'count': ('1.1', None),
            'note': ('1.2', None),
        }
        older = {}
        return self._send('cast', ctxt, 'take', '1.0', arguments,
                          versions, older, server)

    def recount(self, ctxt):
        arguments = {}
        versions = {}
        older = {}
        return self._send('fanout', ctxt, 'recount', '1.0', arguments,
                          versions, older, None)

    def import_(self, ctxt, from_, class_=ABSENT, tags=ABSENT, server=None):
        arguments = {
            'from': from_,
            'class': class_,
            'tags': tags,
        }
        versions = {}
        older = {}
        return self._send('call', ctxt, 'import', '1.0', arguments,
                          versions, older, server)

    def store(self, ctxt, place, server=None):
        arguments = {
            'place': place,
        }
        versions = {}
        older = {
            'place': ['1.2'],
        }
        return self._send('call', ctxt, 'store', '1.0', arguments,
                          versions, older, server)

    def watch(self, ctxt, server=None):
        raise NotImplementedError(
            'a stream: oslo.messaging has none')
