
# An argument that is not given: the server knows what it is then.
ABSENT = object()


def _order(version):
    return tuple(int(part) for part in version.split('.'))


class __NAME__:
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
