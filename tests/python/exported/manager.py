"""Serves Shelf 1.2. Written by 'cargo rpc export --python'."""

import functools

import oslo_messaging

import peer_errors


def renamed(**names):
    """Takes arguments whose names on the wire are words of Python."""
    def decorator(method):
        @functools.wraps(method)
        def inner(self, ctxt, /, **arguments):
            return method(self, ctxt, **{
                names.get(name, name): value
                for name, value in arguments.items()})
        return inner
    return decorator


class ShelfManager:

    target = oslo_messaging.Target(namespace='stock', version='1.2')

    @oslo_messaging.expected_exceptions(
        peer_errors.Conflict)
    def take(self, ctxt, item, count=1, note=None):
        raise NotImplementedError()

    def recount(self, ctxt):
        raise NotImplementedError()

    @oslo_messaging.expected_exceptions(
        peer_errors.Conflict)
    @renamed(**{'from': 'from_', 'class': 'class_'})
    def import_(self, ctxt, from_, class_='plain', tags=None):
        if tags is None:
            tags = []
        raise NotImplementedError()

    @oslo_messaging.expected_exceptions(
        peer_errors.Conflict)
    def store(self, ctxt, place):
        # place has another form from callers below '1.2'.
        raise NotImplementedError()

    @oslo_messaging.expected_exceptions(
        peer_errors.Conflict)
    def watch(self, ctxt):
        raise NotImplementedError('a stream: oslo.messaging has none')


# Callers know these by words of Python.
setattr(ShelfManager, 'import', ShelfManager.import_)
