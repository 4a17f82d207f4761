"""Writes the tables of Nova's main database that the conductor uses, one line a column.

    python tests/nova/schema.py >conductor/src/store/schema/nova.tables

Runs Nova's own migrations on an empty SQLite file, and asks the models (or the migrations, for tables that have no
model any more) for what SQLite does not keep: types that other databases have, and defaults.
Needs a Python that has nova; its version is in the first line of the output.
"""

import contextlib
import importlib.metadata
import os
import sys
import tempfile

import alembic.command
import alembic.op
import sqlalchemy as sa
from nova import config
from nova.db import migration
from nova.db import types as nova_types
from nova.db.main import api as main_api
from nova.db.main import models

TABLES = """
agent_builds aggregate_hosts aggregate_metadata aggregates block_device_mapping bw_usage_cache
compute_nodes console_auth_tokens console_pools consoles fixed_ips floating_ips instance_actions
instance_actions_events instance_extra instance_faults instance_group_member instance_group_policy instance_groups
instance_id_mappings instance_info_caches instance_metadata instance_system_metadata instance_type_extra_specs
instance_type_projects instance_types instances key_pairs migrations networks pci_devices project_user_quotas
provider_fw_rules quota_classes quota_usages quotas reservations s3_images
security_group_instance_association security_group_rules security_groups services share_mapping
snapshot_id_mappings snapshots tags task_log virtual_interfaces volume_id_mappings volume_usage_cache
""".split()


class Created:
    """What migrations make and SQLite does not keep, noted while they run."""

    def __init__(self):
        # Columns by table and name.
        self.columns = {}
        # How much of a column an index of MySQL takes, by the index and the column.
        self.prefixes = {}
        create_table = alembic.op.create_table

        def noted(name, *parts, **options):
            for part in parts:
                if isinstance(part, sa.Column):
                    self.columns[name, part.name] = part
                if isinstance(part, sa.Index):
                    for column, length in (part.dialect_options['mysql']['length'] or {}).items():
                        self.prefixes[part.name, column] = length
            return create_table(name, *parts, **options)

        alembic.op.create_table = noted


def migrate(directory):
    config.parse_args(['schema'], default_config_files=[], configure_db=False)
    config.CONF.set_override('connection', f'sqlite:///{directory}/nova.sqlite', 'database')
    main_api.configure(config.CONF)
    migration.db_sync()
    return sa.create_engine(f'sqlite:///{directory}/nova.sqlite')


def kind(declared):
    if isinstance(declared, nova_types.IPAddress):
        return 'inet'
    if isinstance(declared, nova_types.CIDR):
        return 'cidr'
    if isinstance(declared, sa.types.TypeDecorator):
        return kind(declared.impl)
    if isinstance(declared, sa.Enum):
        return f'enum({declared.name}: {" ".join(declared.enums)})'
    if isinstance(declared, sa.Text):
        return 'mediumtext' if 'mysql' in declared._variant_mapping else 'text'
    if isinstance(declared, sa.String) and 'postgresql' in declared._variant_mapping:
        return 'cidr' if declared.length == 43 else 'inet'
    if isinstance(declared, sa.String):
        return f'text({declared.length})'
    for base, name in (
        (sa.BigInteger, 'bigint'),
        (sa.Integer, 'integer'),
        (sa.Boolean, 'boolean'),
        (sa.DateTime, 'time'),
        (sa.Float, 'float'),
    ):
        if isinstance(declared, base):
            return name
    raise SystemExit(f'no name for {declared!r}')


def default(column):
    """What the models fill in when nothing is given."""
    value = column.default
    if value is None:
        return ''
    if value.is_callable:
        return 'default now'
    return f'default {str(value.arg).lower() if isinstance(value.arg, bool) else value.arg}'


def write_table(inspected, name, created):
    model = models.BASE.metadata.tables.get(name)
    keys = inspected.get_pk_constraint(name)['constrained_columns']
    lines = []
    for found in inspected.get_columns(name):
        column = model.columns.get(found['name']) if model is not None else None
        if column is None:
            column = created.columns.get((name, found['name']), sa.Column(found['name'], found['type']))
        key = found['name'] in keys
        facts = [
            'key' if key else 'null' if found['nullable'] else '',
            default(column),
        ]
        # Tables without a model have these all the same.
        facts[1] = facts[1] or {'deleted': 'default 0', 'created_at': 'default now'}.get(found['name'], '')
        lines.append((found['name'], kind(column.type), ' '.join(filter(None, facts))))
    print(f'\ntable {name}')
    names = max(len(line[0]) for line in lines)
    kinds = max(len(line[1]) for line in lines)
    for line in lines:
        print(f'  {line[0]:{names}}  {line[1]:{kinds}}  {line[2]}'.rstrip())
    for unique in sorted(inspected.get_unique_constraints(name), key=lambda found: str(found['name'])):
        print(f'  unique {unique["name"]}({" ".join(unique["column_names"])})')
    for index in sorted(inspected.get_indexes(name), key=lambda found: found['name']):
        word = 'unique index' if index['unique'] else 'index'
        columns = [
            f'{column}/{created.prefixes[index["name"], column]}' if (index['name'], column) in created.prefixes else column
            for column in index['column_names']
        ]
        print(f'  {word} {index["name"]}({" ".join(columns)})')
    for foreign in sorted(inspected.get_foreign_keys(name), key=lambda found: found['constrained_columns']):
        if foreign['referred_table'] in TABLES:
            columns = f'{" ".join(foreign["constrained_columns"])}'
            print(f'  refers {columns} {foreign["referred_table"]}({" ".join(foreign["referred_columns"])})')


def main():
    created = Created()
    with tempfile.TemporaryDirectory() as directory:
        with contextlib.redirect_stdout(sys.stderr):
            engine = migrate(directory)
        inspected = sa.inspect(engine)
        print(f'# The main database of nova {importlib.metadata.version("nova")}, as tests/nova/schema.py writes it.')
        for name in TABLES:
            write_table(inspected, name, created)
        engine.dispose()


if __name__ == '__main__':
    os.environ.setdefault('OS_NOVA_DISABLE_EVENTLET_PATCHING', '1')
    main()
