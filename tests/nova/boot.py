"""An unmodified nova-compute lives on our conductor: it boots, shows up, and outlives what a conductor may suffer."""

import json
import signal
import sys
import time

import lab
from lab import COMPUTE, CONDUCTOR, Failed, wait

SERVICE = "select * from services where binary = 'nova-compute' and deleted = 0"
NODE = 'select * from compute_nodes where deleted = 0'


def beats(place):
    return place.row(SERVICE)['report_count']


def goes_on(place, seconds=30):
    """Waits for two signs of life more."""
    before = beats(place)
    wait(seconds, 'nova-compute reports twice more', lambda: beats(place) >= before + 2)


def databases(place):
    """nova-manage makes the databases"""
    place.make_databases()


def boots(place):
    """nova-compute boots against our conductor, and registers its service and its compute node"""
    place.start_placement()
    place.start_conductor()
    place.start_compute()

    def registered():
        if place.ended('compute'):
            raise Failed('nova-compute ended')
        return place.row(SERVICE) and place.row(NODE)
    wait(90, 'the rows of service and compute node are there', registered)
    service, node = place.row(SERVICE), place.row(NODE)
    assert (service['host'], service['topic'], service['disabled']) == (COMPUTE, 'compute', 0), service
    assert service['version'] >= 72 and service['uuid'], service
    assert (node['host'], node['hypervisor_hostname'], node['service_id']) == (COMPUTE, COMPUTE, service['id']), node
    wait(60, 'the node tells what it has in use', lambda: place.row(NODE)['free_ram_mb'] is not None)


def heartbeats(place):
    """it reports every 10 s, and each report counts as a sign of life"""
    wait(60, 'the first report', lambda: place.row(SERVICE)['last_seen_up'])
    before = place.row(SERVICE)['last_seen_up']
    goes_on(place)
    assert place.row(SERVICE)['last_seen_up'] > before


def is_up(place):
    """the real nova.servicegroup takes it for up"""
    answer = place.script('is_up.py', place.directory / 'conductor.conf', COMPUTE)
    assert answer.strip() == 'up', answer


def is_listed(place):
    """conductor service list shows it, and the conductor itself, and that both are up"""
    listed = json.loads(place.ask_conductor('service', 'list', '--output', 'json'))
    states = {service['Binary']: (service['Host'], service['State']) for service in listed}
    assert states == {'nova-compute': (COMPUTE, 'up'), 'nova-conductor': (CONDUCTOR, 'up')}, listed


def is_accepted(place):
    """nova-manage finds the host by our rows, and nova-status has no objection"""
    found = place.manage('cell_v2', 'discover_hosts', '--verbose', configuration='nova.conf')
    assert f'Creating host mapping for compute host \'{COMPUTE}\'' in found or f'\'{COMPUTE}\'' in found, found
    assert place.row(NODE)['mapped'] == 1
    hosts = place.manage('cell_v2', 'list_hosts', configuration='nova.conf')
    assert COMPUTE in hosts, hosts
    # 1 is a warning: there is no API that users could ask.
    place.tool('nova-status', 'upgrade', 'check', configuration='nova.conf', codes=(0, 1))


def outage(place):
    """our conductor is stopped for 50 s; nova-compute notes it once, waits, and recovers"""
    def noted(text):
        return place.log('compute').count(text)
    lost = 'Lost connection to nova-conductor for reporting service status'
    recovered = 'Recovered from being unable to report status'
    losses, recoveries = noted(lost), noted(recovered)
    place.stop('conductor')
    began = time.monotonic()
    wait(45, 'nova-compute notes the loss', lambda: noted(lost) > losses)
    time.sleep(max(0, began + 50 - time.monotonic()))
    assert not place.ended('compute'), 'nova-compute ended'
    before = beats(place)
    place.start_conductor()
    wait(30, 'nova-compute notes the recovery', lambda: noted(recovered) > recoveries)
    wait(30, 'it reports again', lambda: beats(place) > before)
    assert noted(lost) == losses + 1, f'{noted(lost) - losses} losses are noted'


def killed(place):
    """our conductor is killed at once and comes back; nova-compute goes on"""
    place.stop('conductor', signal.SIGKILL)
    place.start_conductor()
    goes_on(place, 60)


def restart(place):
    """nova-compute restarts over the rows that it has left"""
    service, node = place.row(SERVICE), place.row(NODE)
    place.stop('compute')
    place.start_compute()
    wait(90, 'it reports again', lambda: beats(place) > service['report_count'])
    assert place.row(SERVICE)['id'] == service['id']
    assert [row['uuid'] for row in place.rows(NODE)] == [node['uuid']]


STEPS = [databases, boots, heartbeats, is_up, is_listed, is_accepted, killed, outage, restart, lab.is_quiet]

if __name__ == '__main__':
    sys.exit(lab.run(STEPS))
