"""Exceptions of the Python peer, of each shape that applications have."""


class InstanceNotFound(Exception):
    """Built from a template: travels with its keyword arguments."""

    template = 'Instance %(instance_id)s could not be found.'

    def __init__(self, message=None, **kwargs):
        self.kwargs = kwargs
        super().__init__(message or self.template % kwargs)


class Conflict(Exception):
    """Built from one text."""


class HostDown(Exception):
    """Cannot be rebuilt from what travels: its constructor wants more."""

    def __init__(self, host, reason):
        super().__init__('%s is down: %s' % (host, reason))
