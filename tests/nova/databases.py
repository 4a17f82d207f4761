"""Databases that nova-manage made, of all three kinds: the conductor works on them, and leaves their tables alone; and
the tables that it makes itself are the same.

Takes the servers from RPC_TEST_POSTGRES and RPC_TEST_MARIADB, as `throwaway-broker --databases` tells them.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import sqlalchemy as sa

HERE = pathlib.Path(__file__).parent
CONDUCTOR = os.environ['NOVA_CONDUCTOR']
# What only the nova of 2013.2 has, and the conductor makes as well.
OF_HAVANA = {'compute_node_stats', 'instance_group_metadata', ('instances', 'scheduled_at')}
# What the conductor has to say of tables of its own.
OWN = {'conductor_schema'}

# Runs in a Python of its own: Nova knows one database a process.
NOVA = """
import os, sys, warnings
warnings.simplefilter('ignore')
os.environ['OS_NOVA_DISABLE_EVENTLET_PATCHING'] = '1'
from nova import config, context, exception
from nova.db.main import api
config.parse_args(['nova', '--config-file', sys.argv[1]])
api.configure(config.CONF)
admin = context.get_admin_context()
"""
CREATE = NOVA + """
for host in ('cmp1', 'cmp2'):
    api.service_create(admin, dict(host=host, binary='nova-compute', topic='compute', report_count=1, version=74))
"""
SHOW = NOVA + """
import json
rows = api.service_get_all(admin.elevated(read_deleted='yes'))
print(json.dumps([[row.host, row.disabled, row.disabled_reason, row.deleted == row.id, row.updated_at is not None]
                  for row in sorted(rows, key=lambda row: row.id)]))
"""


class Failed(Exception):
    """Something is not as it should be."""


def expect(what, found, expected):
    if found != expected:
        raise Failed(f'{what}: {found!r} instead of {expected!r}')


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise Failed(f'{command[0]}: {done.returncode}\n{done.stdout}{done.stderr[-4000:]}')
    return done.stdout


class Database:
    """A database: its addresses in the grammars of SQLAlchemy and of the conductor, and a nova.conf with it."""

    def __init__(self, kind, name, directory):
        if kind == 'sqlite':
            self.url = f'sqlite://{directory}/{name}.sqlite'
            self.sqlalchemy = self.url.replace('sqlite://', 'sqlite:///')
        else:
            server = os.environ[f'RPC_TEST_{kind.upper()}']
            driver = {'postgres': 'postgresql+psycopg2', 'mariadb': 'mysql+pymysql'}[kind]
            own = {'postgres': 'postgres', 'mariadb': 'mysql'}[kind]
            server = server.split('://')[1]
            engine = sa.create_engine(f'{driver}://{server}{own}', isolation_level='AUTOCOMMIT')
            with engine.connect() as connection:
                connection.execute(sa.text(f'CREATE DATABASE {name}'))
            engine.dispose()
            self.url = f'{driver.split("+")[0]}://{server}{name}'
            self.sqlalchemy = f'{driver}://{server}{name}'
        self.configuration = directory / f'{kind}-{name}.conf'
        self.configuration.write_text(f'[DEFAULT]\nstate_path = {directory}\n[database]\nconnection = {self.sqlalchemy}\n')

    def conductor(self, *arguments):
        """Asks the conductor, which finds the database in the nova.conf."""
        return run(CONDUCTOR, '--nova-conf', self.configuration, *arguments)

    def nova(self, code):
        return run(sys.executable, '-c', code, self.configuration)

    def tables(self):
        """All tables: columns, keys, what is unique, indexes and references."""
        engine = sa.create_engine(self.sqlalchemy)
        seen = sa.inspect(engine)
        tables = {name: describe(seen, name) for name in seen.get_table_names()}
        engine.dispose()
        return tables


def describe(seen, table):
    columns = {
        column['name']: (str(column['type']), column['nullable'], column.get('autoincrement') is True)
        for column in seen.get_columns(table)
    }
    references = {
        (tuple(found['constrained_columns']), found['referred_table'], tuple(found['referred_columns']))
        for found in seen.get_foreign_keys(table)
    }
    indexes = {
        (found['name'], tuple(found['column_names']), bool(found['unique']),
         str(found.get('dialect_options', {}).get('mysql_length')))
        for found in seen.get_indexes(table)
        # MariaDB makes some for references, and names them as it likes.
        if tuple(found['column_names']) not in {reference[0] for reference in references}
    }
    unique = {(found['name'], tuple(found['column_names'])) for found in seen.get_unique_constraints(table)}
    return {
        'columns': columns,
        'key': seen.get_pk_constraint(table)['constrained_columns'],
        'unique': unique,
        'indexes': indexes,
        'references': references,
    }


def compare(nova, ours):
    """The tables that the conductor made are Nova's, but for what only Havana has."""
    expect('tables of its own', set(ours) - set(nova), OWN | {name for name in OF_HAVANA if isinstance(name, str)})
    for name in set(nova) & set(ours):
        for table, column in (extra for extra in OF_HAVANA if isinstance(extra, tuple)):
            if table == name:
                del ours[name]['columns'][column]
        for aspect, found in nova[name].items():
            expect(f'{aspect} of {name}', ours[name][aspect], found)


def exchange_rows(database):
    """Nova writes rows and the conductor changes them, and each sees what the other did."""
    database.nova(CREATE)
    listed = json.loads(database.conductor('service', 'list', '--output', 'json'))
    expect('services', [[row['Host'], row['Zone'], row['Status'], row['State']] for row in listed],
           [['cmp1', 'nova', 'enabled', 'up'], ['cmp2', 'nova', 'enabled', 'up']])
    database.conductor('service', 'disable', 'cmp1', 'nova-compute', '--reason', 'maintenance')
    database.conductor('service', 'delete', 'cmp2')
    expect('rows', json.loads(database.nova(SHOW)),
           [['cmp1', True, 'maintenance', False, True], ['cmp2', False, None, True, False]])


def main():
    with tempfile.TemporaryDirectory(prefix='conductor-databases-') as directory:
        directory = pathlib.Path(directory)
        for kind in ('sqlite', 'postgres', 'mariadb'):
            nova, ours = (Database(kind, name, directory) for name in ('nova', 'ours'))
            run(pathlib.Path(sys.executable).parent / 'nova-manage', '--config-file', nova.configuration,
                'db', 'sync', '--local_cell')
            made = nova.tables()
            told = json.loads(nova.conductor('db', 'sync', '--output', 'json'))
            expect('maker', told['made_by'], 'nova')
            exchange_rows(nova)
            expect('tables after use', nova.tables(), made)

            told = json.loads(ours.conductor('db', 'sync', '--output', 'json'))
            expect('maker', told['made_by'], 'conductor')
            compare(made, ours.tables())
            print(f'{kind}: {len(made)} tables of Nova are used and left as they are; ours are the same')


if __name__ == '__main__':
    try:
        main()
    except Failed as failed:
        sys.exit(str(failed))
