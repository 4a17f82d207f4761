

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
