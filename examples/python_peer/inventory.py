"""The exceptions of the API, as a Python service has them.

oslo.messaging sends the class, the module and `kwargs` of an exception, and
builds it again from them where the module is in the allow list.
"""


class OutOfStock(Exception):
    """There is not enough. Has `item`, `wanted` and `left`."""

    text = '%(wanted)s pieces of %(item)s are wanted, and %(left)s are there'

    def __init__(self, message=None, **kwargs):
        self.kwargs = kwargs
        super().__init__(message or self.text % kwargs)
