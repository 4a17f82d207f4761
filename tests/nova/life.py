"""The life of a server on an unmodified nova-compute, whose every question our conductor answers."""

import sys
import uuid

import lab
from lab import Failed, wait

SERVER, OTHER = str(uuid.uuid4()), str(uuid.uuid4())
# Every periodic task often, so that all of them have run when the test ends.
OFTEN = '\n'.join(f'{name} = 15' for name in (
    'sync_power_state_interval', 'running_deleted_instance_poll_interval', 'instance_delete_interval',
    'shelved_poll_interval', 'volume_usage_poll_interval', 'reclaim_instance_interval',
    'scheduler_instance_sync_interval', 'heal_instance_info_cache_interval', 'update_resources_interval',
)) + """
shelved_offload_time = 10
instance_build_timeout = 3600
rescue_timeout = 3600
resize_confirm_window = 3600
reboot_timeout = 3600
instance_usage_audit = true
instance_usage_audit_period = hour
periodic_fuzzy_delay = 3
[image_cache]
manager_interval = 15
"""


def server(place, which=SERVER):
    return place.row('select * from instances where uuid = ?', which)


def state(place, which=SERVER):
    row = server(place, which)
    return row['vm_state'], row['task_state'], row['power_state']


def act(place, name, which=SERVER):
    place.script('servers.py', place.directory / 'client.conf', name, which)


def becomes(place, vm_state, power_state, which=SERVER, seconds=60):
    def reached():
        if place.ended('compute'):
            raise Failed('nova-compute ended')
        return state(place, which) == (vm_state, None, power_state)
    try:
        wait(seconds, '', reached)
    except Failed:
        raise Failed(f'the server is not {vm_state} ({power_state}) within {seconds} s: {state(place, which)}') from None


def steps_succeed(place, name, steps):
    """Waits until what is noted of the last action on the server is that these steps went well."""
    wanted = [(step, 'Success') for step in steps]

    def noted():
        action = place.row('select * from instance_actions where instance_uuid = ? and action = ? order by id desc',
                           SERVER, name)
        events = place.rows('select * from instance_actions_events where action_id = ?', action['id'])
        return [(event['event'], event['result']) for event in events]
    try:
        wait(30, '', lambda: noted() == wanted)
    except Failed:
        raise Failed(f'of {name} it is noted: {noted()}') from None


def starts(place):
    """placement, our conductor and nova-compute are up"""
    place.make_databases()
    place.start_placement()
    place.start_conductor()
    place.start_compute()
    node = "select * from compute_nodes where deleted = 0 and free_ram_mb is not null"
    wait(90, 'the compute node is there', lambda: place.row(node))


def made(place):
    """the rows of a server are made through our conductor"""
    act(place, 'create')
    assert state(place) == ('building', 'scheduling', 0), state(place)
    for table, column in (('instance_extra', 'instance_uuid'), ('instance_info_caches', 'instance_uuid'),
                          ('instance_id_mappings', 'uuid')):
        assert place.row(f'select * from {table} where {column} = ?', SERVER), table


def built(place):
    """our conductor is asked to build it on a host that is chosen, and nova-compute does"""
    act(place, 'build')
    becomes(place, 'active', 1)
    row = server(place)
    assert (row['host'], row['node'], row['launched_on']) == ('cmp1', 'cmp1', 'cmp1'), row
    assert row['launched_at'] and row['compute_id'], row
    steps_succeed(place, 'create', ['compute__do_build_and_run_instance'])
    wait(30, 'the node counts it', lambda: place.row('select * from compute_nodes')['running_vms'] == 1)


def scheduled(place):
    """our conductor asks the real scheduler for a host of another server, and nova-compute builds that"""
    place.manage('cell_v2', 'discover_hosts', configuration='nova.conf')
    place.start_scheduler()
    act(place, 'create', OTHER)
    act(place, 'schedule', OTHER)
    becomes(place, 'active', 1, OTHER)
    act(place, 'delete', OTHER)
    wait(60, 'that server is deleted', lambda: server(place, OTHER)['deleted'] != 0)


def rebooted(place):
    """it is rebooted"""
    act(place, 'reboot')
    becomes(place, 'active', 1)
    steps_succeed(place, 'reboot', ['compute_reboot_instance'])


def stopped(place):
    """it is stopped and started"""
    act(place, 'stop')
    becomes(place, 'stopped', 4)
    act(place, 'start')
    becomes(place, 'active', 1)


def paused(place):
    """it is paused and goes on"""
    act(place, 'pause')
    # The fake driver goes on.
    becomes(place, 'paused', 1)
    act(place, 'unpause')
    becomes(place, 'active', 1)


def restarted(place):
    """nova-compute restarts, and finds its server again"""
    place.stop('compute')
    place.start_compute()
    reports = 'select report_count from services where binary = "nova-compute"'
    count = place.row(reports)['report_count']
    wait(90, 'it reports again', lambda: place.row(reports)['report_count'] > count)
    assert 'Loaded 1 instances for host' in place.log('compute')
    # The fake driver has forgotten it, and nova-compute notes that it has no power state.
    becomes(place, 'active', 0)


def audited(place):
    """every periodic task has run, the hourly audit among them"""
    audit = "select * from task_log where task_name = 'instance_usage_audit' and state = 'DONE'"
    wait(90, 'the audit is done', lambda: place.row(audit))
    assert place.row(audit)['errors'] == 0


def deleted(place):
    """it is deleted, and what was its own with it; what was done to it stays known"""
    act(place, 'delete')
    wait(60, 'the server is deleted', lambda: server(place)['deleted'] != 0)
    row = server(place)
    assert row['deleted'] == row['id'] and row['vm_state'] == 'deleted' and row['terminated_at'], row
    for table in ('instance_extra', 'instance_metadata', 'instance_system_metadata', 'instance_info_caches'):
        left = place.rows(f'select * from {table} where instance_uuid = ? and deleted = 0', SERVER)
        assert not left, (table, left)
    steps_succeed(place, 'delete', ['compute_terminate_instance'])
    wait(60, 'the node does not count it', lambda: place.row('select * from compute_nodes')['running_vms'] == 0)


STEPS = [starts, made, built, rebooted, stopped, paused, restarted, audited, scheduled, deleted, lab.is_quiet]

if __name__ == '__main__':
    sys.exit(lab.run(STEPS, OFTEN))
