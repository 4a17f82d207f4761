"""Serves Shelf 1.2. Written by 'cargo rpc export --python'."""

import oslo_messaging

import peer_errors


class ShelfManager:

    target = oslo_messaging.Target(namespace='stock', version='1.2')

    @oslo_messaging.expected_exceptions(
        peer_errors.Conflict)
    def take(self, ctxt, item, count=1, note=None):
        raise NotImplementedError()

    def recount(self, ctxt):
        raise NotImplementedError()
