"""How many heartbeats a second a conductor takes: ours beside the real nova-conductor, on the same broker and the same
database servers, each on tables that nova-manage made. Prints a table, in Markdown.

Takes the database server from RPC_TEST_POSTGRES, as `throwaway-broker --databases` tells it, and the number of rounds
and the seconds of a measurement from NOVA_ROUNDS and NOVA_SECONDS.
"""

import contextlib
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile

import psutil
import sqlalchemy as sa

from databases import Database, run
from lab import BIN, Failed, wait

BROKER, CONDUCTOR, ASKER = (os.environ[name] for name in ('NOVA_BROKER', 'NOVA_CONDUCTOR', 'NOVA_HEARTBEATS'))
ROUNDS, SECONDS = int(os.environ.get('NOVA_ROUNDS', 3)), os.environ.get('NOVA_SECONDS', '4')
DATABASES = {'sqlite': 'SQLite', 'postgres': 'PostgreSQL'}
WORKERS = (1, 4)
# Who is measured, and with what: Nova 34 has no service_update any more.
SAVE, UPDATE = 'save', 'update'
NOVA, OURS = 'nova', 'ours'
KINDS = {NOVA: (SAVE,), OURS: (SAVE, UPDATE)}


class Served:
    """A conductor on a database of its own, as long as a `with` lasts."""

    def __init__(self, who, database, workers, directory):
        self.database = database
        self.configuration = directory / 'conductor.conf'
        self.configuration.write_text(database.configuration.read_text() + f"""
[DEFAULT]
host = ctl1
transport_url = {BROKER}
[conductor]
workers = {workers}
[oslo_concurrency]
lock_path = {directory}
[oslo_messaging_notifications]
driver = noop
# Nova goes on without placement, which heartbeats do not need; but not without knowing where it would be.
[placement]
auth_type = admin_token
token = admin:admin
endpoint = http://127.0.0.1:9
endpoint_override = http://127.0.0.1:9
""")
        self.command = {
            NOVA: [BIN / 'nova-conductor', '--config-file', self.configuration],
            OURS: [CONDUCTOR, 'serve', '--nova-conf', self.configuration],
        }[who]
        self.says = {NOVA: 'Starting conductor node', OURS: ' listens at '}[who]
        # Ours says it once, when all its workers serve.
        self.times = {NOVA: workers, OURS: 1}[who]
        self.log = directory / f'{who}.log'

    def __enter__(self):
        # Each finds the tables empty, and so does not pay for the rows of who was before.
        engine = sa.create_engine(self.database.sqlalchemy)
        with engine.begin() as connection:
            connection.execute(sa.text('DELETE FROM services'))
        engine.dispose()
        with open(self.log, 'wb') as output:
            self.process = subprocess.Popen([str(word) for word in self.command], stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, start_new_session=True)
        try:
            wait(90, f'{self.command[0]} serves', self.serves)
        except BaseException:
            self.__exit__()
            raise
        return self

    def serves(self):
        if self.process.poll() is not None:
            raise Failed(f'{self.command[0]} ended:\n{self.log.read_text(errors="replace")[-4000:]}')
        if self.log.read_text(errors='replace').count(self.says) < self.times:
            return False
        ping = [CONDUCTOR, 'call', '--nova-conf', self.configuration, 'baseapi.ping', 'arg=1']
        return subprocess.run(ping, capture_output=True, timeout=90).returncode == 0

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            pass
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def cpu(self):
        """Processor seconds of the conductor and its workers so far."""
        parent = psutil.Process(self.process.pid)
        times = [process.cpu_times() for process in (parent, *parent.children(recursive=True))]
        return sum(time.user + time.system for time in times)

    def measure(self, kind):
        before = self.cpu()
        told = json.loads(run(ASKER, BROKER, kind, '--seconds', SECONDS))
        told['cpu_ms'] = (self.cpu() - before) * 1000 / told['sent']
        return told


def measure(databases, directory):
    """Everything in turn, as often as there are rounds; what was told, by database, workers, whose and kind."""
    found = {}
    for number in range(ROUNDS):
        for name in DATABASES:
            for workers in WORKERS:
                for who, kinds in KINDS.items():
                    # A conductor for each kind: hosts can be registered once.
                    for kind in kinds:
                        with Served(who, databases[name, who], workers, directory) as served:
                            told = served.measure(kind)
                        print(f'round {number + 1}: {name}, {workers} workers, {who}, {kind}: {told}', file=sys.stderr)
                        found.setdefault((name, workers, who, kind), []).append(told)
    return found


def cells(tellings):
    """Rate, p50, p99 and processor time, as medians of the rounds; with what failed, if something did."""
    def median(field):
        values = [told[field] for told in tellings if told[field] is not None]
        return statistics.median(values) if values else float('nan')
    rate = f'{median("rate"):.0f}/s'
    failed = sum(told['failed'] for told in tellings)
    if failed:
        rate += f' ({failed} failed)'
    return rate, f'{median("p50_ms"):.1f} / {median("p99_ms"):.0f} ms', f'{median("cpu_ms"):.2f} ms'


def table(found):
    head = ['database, workers', 'conductor, method', 'rate', 'p50 / p99', 'CPU of the conductor', 'rate / Nova']
    yield head
    yield ['---'] * len(head)
    for (name, workers, who, kind), tellings in found.items():
        peers = found[name, workers, NOVA, SAVE]
        ratios = [told['rate'] / peer['rate'] for told, peer in zip(tellings, peers) if peer['rate']]
        ratio = '' if who == NOVA else f'{statistics.median(ratios):.1f} ({min(ratios):.1f}, {max(ratios):.1f})'
        method = {SAVE: '`Service.save`', UPDATE: '`service_update`'}[kind]
        yield [f'{DATABASES[name]}, {workers}', f'{who}, {method}', *cells(tellings), ratio]


def main():
    with tempfile.TemporaryDirectory(prefix='conductor-heartbeats-') as directory:
        directory = pathlib.Path(directory)
        databases = {}
        for name in DATABASES:
            for who in KINDS:
                database = databases[name, who] = Database(name, f'heartbeats_{who}', directory)
                run(BIN / 'nova-manage', '--config-file', database.configuration, 'db', 'sync', '--local_cell')
        found = measure(databases, directory)
        for row in table(found):
            print('|', ' | '.join(row), '|')
        print(f'\nMedians of {ROUNDS} rounds (least, most), {SECONDS} s each, {os.cpu_count()} cores, 32 services at '
              'once; SQLite as each opens it, PostgreSQL with fsync off.')
        for (name, workers, who, kind), tellings in found.items():
            whys = {told['why'].splitlines()[0] for told in tellings if told['why']}
            if whys:
                print(f'* {DATABASES[name]}, {workers}, {who}, {kind}: failed with {"; ".join(sorted(whys))}')


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except Failed as failed:
        sys.exit(str(failed))
