"""A small Nova on loopback, for as long as a test runs: placement, our conductor, and an unmodified nova-compute.

A Lab owns a directory with configuration, databases and logs, and the processes that it has started. Nothing of
either is left when it is closed.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = pathlib.Path(__file__).parent
BIN = pathlib.Path(sys.executable).parent
COMPUTE, CONDUCTOR = 'cmp1', 'ctl1'


class Failed(Exception):
    """Something did not happen that should have, or the other way round."""


def wait(seconds, what, condition):
    """Waits until a condition holds, and answers what it answers."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f'not within {seconds} s: {what}')
        time.sleep(0.1)


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Lab:
    """See above. `broker` is the URL of a RabbitMQ that nobody else uses."""

    def __init__(self, broker, conductor, options=''):
        self.broker, self.conductor_program = broker, conductor
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix='conductor-nova-'))
        self.placement_port, self.fake_port = free_port(), free_port()
        self.processes, self.logs = {}, []
        for name in ('state', 'lock', 'instances'):
            (self.directory / name).mkdir()
        self._write_configuration(options)

    # Configuration and databases.

    def _write_configuration(self, options):
        place = self.directory
        (place / 'placement.conf').write_text(f"""
[api]
auth_strategy = noauth2
[placement_database]
connection = sqlite:///{place}/placement.sqlite
""")
        # What neutron, glance and cinder would answer is as good as nothing.
        fake = f'http://127.0.0.1:{self.fake_port}'
        common = f"""
[DEFAULT]
debug = true
my_ip = 127.0.0.1
transport_url = {self.broker}
state_path = {place}/state
instances_path = {place}/instances
rpc_response_timeout = 10
[oslo_concurrency]
lock_path = {place}/lock
[oslo_messaging_notifications]
driver = noop
[placement]
auth_type = admin_token
token = admin:admin
endpoint = http://127.0.0.1:{self.placement_port}
endpoint_override = http://127.0.0.1:{self.placement_port}
[neutron]
auth_type = none
endpoint_override = {fake}
[glance]
endpoint_override = {fake}
[cinder]
auth_type = none
endpoint_template = {fake}/v3/%(project_id)s
endpoint_override = {fake}
"""
        (place / 'compute.conf').write_text(f"""{common}
[DEFAULT]
host = {COMPUTE}
compute_driver = fake.FakeDriverWithoutFakeNodes
{options}
""")
        # For who has no database, as nova-compute has none.
        (place / 'client.conf').write_text(common)
        databases = f"""
[api_database]
connection = sqlite:///{place}/api.sqlite
[database]
connection = sqlite:///{place}/%s.sqlite
"""
        (place / 'conductor.conf').write_text(f"""{common}
[DEFAULT]
host = {CONDUCTOR}
{databases % 'cell1'}""")
        # What looks at all cells begins at cell 0.
        (place / 'nova.conf').write_text(f"""{common}
[DEFAULT]
host = {CONDUCTOR}
[filter_scheduler]
enabled_filters = ComputeFilter
[scheduler]
workers = 1
[service_user]
# nova-status asks for it.
send_service_user_token = true
{databases % 'cell0'}""")

    def manage(self, *arguments, configuration='conductor.conf'):
        """Runs nova-manage, and answers what it prints."""
        return self.tool('nova-manage', *arguments, configuration=configuration)

    def tool(self, program, *arguments, configuration, codes=(0,)):
        command = [BIN / program, '--config-file', self.directory / configuration, *arguments]
        done = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, timeout=120)
        if done.returncode not in codes:
            raise Failed(f'{program} {" ".join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr[-4000:]}')
        return done.stdout

    def script(self, name, *arguments):
        """Runs one of our programs; what it prints."""
        command = [sys.executable, HERE / name, *map(str, arguments)]
        done = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise Failed(f'{name} {arguments}: {done.returncode}\n{done.stdout}{done.stderr[-4000:]}')
        return done.stdout

    def make_databases(self):
        self.tool('placement-manage', 'db', 'sync', configuration='placement.conf')
        database = f'sqlite:///{self.directory}/cell%s.sqlite'
        self.manage('api_db', 'sync')
        self.manage('cell_v2', 'map_cell0', '--database_connection', database % 0)
        self.manage('cell_v2', 'create_cell', '--name', 'cell1', '--transport-url', self.broker,
                    '--database_connection', database % 1)
        self.manage('db', 'sync')

    def rows(self, query, *arguments):
        """What the database of the cell answers, as dictionaries."""
        connection = sqlite3.connect(f'file:{self.directory}/cell1.sqlite?mode=ro', uri=True, timeout=10)
        with contextlib.closing(connection):
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, arguments)]

    def row(self, query, *arguments):
        """The one row that the database answers; None if there is none."""
        rows = self.rows(query, *arguments)
        return rows[0] if rows else None

    # Processes.

    def start(self, name, *command, environment=()):
        log = self.directory / f'{name}.log'
        if log not in self.logs:
            self.logs.append(log)
        with open(log, 'ab') as output:
            self.processes[name] = subprocess.Popen(
                [str(word) for word in command], cwd=self.directory, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True, env={**os.environ, **dict(environment)})

    def stop(self, name, how=signal.SIGTERM, seconds=60):
        """Ends a process, and answers its exit code."""
        process = self.processes.pop(name)
        process.send_signal(how)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f'{name} did not end within {seconds} s of {how.name}') from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def ended(self, name):
        return self.processes[name].poll() is not None

    def log(self, name):
        return (self.directory / f'{name}.log').read_text(errors='replace')

    def start_placement(self):
        self.start('placement', sys.executable, HERE / 'serve_placement.py', self.placement_port,
                   environment={'OS_PLACEMENT_CONFIG_DIR': str(self.directory)}.items())
        self._listens('placement', self.placement_port)
        self.start('fakes', sys.executable, HERE / 'fakes.py', self.fake_port)
        self._listens('fakes', self.fake_port)

    def _listens(self, name, port):
        def try_it():
            if self.ended(name):
                raise Failed(f'{name} ended')
            with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', port), 1):
                return True
        wait(60, f'{name} listens', try_it)

    def start_conductor(self):
        log = self.directory / 'conductor.log'
        said = log.read_text().count(' listens at ') if log.exists() else 0
        self.start('conductor', self.conductor_program, 'serve', '--nova-conf', self.directory / 'conductor.conf')
        wait(60, 'our conductor says that it listens', lambda: self.log('conductor').count(' listens at ') > said)

    def ask_conductor(self, *arguments):
        """Runs a command of our program, on the same settings; what it prints."""
        command = [self.conductor_program, *arguments, '--nova-conf', str(self.directory / 'conductor.conf')]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise Failed(f'{arguments}: {done.returncode}\n{done.stdout}{done.stderr}')
        return done.stdout

    def start_compute(self):
        self.start('compute', BIN / 'nova-compute', '--config-file', self.directory / 'compute.conf')

    def start_scheduler(self):
        self.start('scheduler', BIN / 'nova-scheduler', '--config-file', self.directory / 'nova.conf')
        # Said once its topic is listened to.
        serves = 'Join ServiceGroup membership for this service scheduler'
        wait(60, 'the scheduler serves', lambda: serves in self.log('scheduler'))

    # The end.

    def close(self, keep):
        for name in reversed(list(self.processes)):
            process = self.processes.pop(name)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if keep:
            print(f'   logs are kept in {self.directory}', file=sys.stderr)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)


def is_quiet(place):
    """the log of nova-compute has no error that an outage does not explain"""
    # oslo.service logs an error of its own whenever nova-compute stops, and the fake driver cannot tell what a server
    # without volumes makes of them.
    explained = ('MessagingTimeout', 'Lost connection', 'oslo.messaging', 'oslo.service.backend', '_poll_volume_usage')
    groups = {}
    for line in place.log('compute').splitlines():
        words = line.split(' ', 5)
        if len(words) > 5 and words[3] == 'ERROR':
            # A traceback is logged line by line, all at one moment.
            groups.setdefault((words[1], words[2]), []).append(' '.join(words[4:]))
    texts = ['\n'.join(lines) for lines in groups.values()]
    strange = [text for text in texts if not any(word in text for word in explained)]
    assert not strange, '\n\n'.join(strange[:5])
    assert 'panicked' not in place.log('conductor')


def run(steps, options=''):
    """Runs the steps of a test in their order, each of which takes the lab; the exit code of the test."""
    broker = urllib.parse.urlsplit(os.environ['NOVA_BROKER'])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    lab = Lab(broker.geturl(), os.environ['NOVA_CONDUCTOR'], options)
    failed = False
    try:
        for step in steps:
            began = time.monotonic()
            step(lab)
            print(f'ok {time.monotonic() - began:5.1f} s  {" ".join(step.__doc__.split())}', flush=True)
    except (Failed, AssertionError) as error:
        failed = True
        print(f'FAILED in step "{" ".join(step.__doc__.split())}":\n{error}', flush=True)
        for log in lab.logs:
            lines = log.read_text(errors='replace').splitlines()[-30:]
            print(f'== the end of {log.name}', *(line[:300] for line in lines), sep='\n')
    finally:
        lab.close(keep=failed)
    return 1 if failed else 0
