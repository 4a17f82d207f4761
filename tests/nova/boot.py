"""An unmodified nova-compute lives on our conductor: it boots, shows up, and outlives what a conductor may suffer."""

import signal
import sys
import time

import lab
from lab import COMPUTE, Failed, wait

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
    code = 'import servicegroup, sys; servicegroup.main(sys.argv[1:])'
    answer = place.python(code, place.directory / 'conductor.conf', COMPUTE)
    assert answer.strip() == 'up', answer


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
    place.stop('conductor')
    lost = 'Lost connection to nova-conductor for reporting service status'
    wait(45, 'nova-compute notes the loss', lambda: lost in place.log('compute'))
    time.sleep(50 - 10)
    assert not place.ended('compute')
    before = beats(place)
    place.start_conductor()
    recovered = 'Recovered from being unable to report status'
    wait(30, 'nova-compute notes the recovery', lambda: recovered in place.log('compute'))
    wait(30, 'it reports again', lambda: beats(place) > before)
    assert place.log('compute').count(lost) == 1


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


def is_quiet(place):
    """the log of nova-compute has no error but what the outage explains"""
    # The looping calls of oslo.service log one of their own whenever nova-compute stops.
    explained = ('MessagingTimeout', 'Lost connection', 'oslo.service.backend', 'oslo.messaging')
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


STEPS = [databases, boots, heartbeats, is_up, is_accepted, killed, outage, restart, is_quiet]

if __name__ == '__main__':
    sys.exit(lab.run(STEPS))
