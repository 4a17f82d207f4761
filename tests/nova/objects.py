#!/usr/bin/env python3
"""Writes what conductor/src/objects/classes.txt holds: the object classes of the installed Nova.

One block a class: its name and version, then a line a field with its kind. A '?' follows a kind that may be null,
and '@' the version that brought the field, where an older version lacks it. The latter is found by trial: each class
is asked to write itself in each older version, and what is gone was not there yet.
"""

import logging
import os
import warnings

warnings.simplefilter('ignore')
os.environ['OS_NOVA_DISABLE_EVENTLET_PATCHING'] = '1'

import nova.version  # noqa: E402
from nova import objects  # noqa: E402
from nova.objects import base  # noqa: E402
from oslo_versionedobjects import base as versioned  # noqa: E402
from oslo_versionedobjects import fields  # noqa: E402

logging.disable(logging.CRITICAL)

KINDS = [
    (fields.DateTime, 'time'),
    (fields.Boolean, 'bool'),
    (fields.FlexibleBoolean, 'bool'),
    (fields.Integer, 'int'),
    (fields.Float, 'float'),
    (fields.CompoundFieldType, 'json'),
    (fields.FieldType, 'text'),
]


def kind(field):
    inner = field._type
    if isinstance(field, fields.ObjectField):
        return f'object:{inner._obj_name}'
    if isinstance(field, fields.ListOfObjectsField):
        return f'objects:{inner._element_type._type._obj_name}'
    return next(name for known, name in KINDS if isinstance(inner, known))


def brought(cls):
    """The version that brought each field which an older version of the same major lacks."""
    major, minor = map(int, cls.VERSION.split('.'))
    manifest = versioned.obj_tree_get_versions(cls.obj_name())
    since = {}
    for older in range(minor - 1, -1, -1):
        # Some downgrades look a missing service up; none is missing here.
        data = {name: 1 if name == 'service_id' else None for name in cls.fields}
        try:
            cls().obj_make_compatible_from_manifest(data, f'{major}.{older}', manifest)
        except Exception:  # Not every class can be written as old as this.
            break
        for name in cls.fields:
            if name not in data:
                since.setdefault(name, f'{major}.{older + 1}')
    return since


def main():
    objects.register_all()
    print(f'# The object classes of Nova {nova.version.version_string()}, as tests/nova/objects.py writes them.')
    for name, classes in sorted(base.NovaObjectRegistry.obj_classes().items()):
        cls = classes[0]
        since = brought(cls)
        print(f'\n{name} {cls.VERSION}')
        for field, definition in cls.fields.items():
            line = f'  {field} {kind(definition)}' + ('?' if definition.nullable else '')
            print(line + (f' @{since[field]}' if field in since else ''))


if __name__ == '__main__':
    main()
