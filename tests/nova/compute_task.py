#!/usr/bin/env python3
"""What the ComputeTaskAPI of the installed Nova sends under each version cap, as tests/vectors/compute_task has it.

    compute_task.py            records again, and fails if a file differs
    compute_task.py --write    writes the files

Nova's own client runs, down to the transport, which only takes the message. A file holds what was given, as it
travels today, and what became of it: for each range of caps the version asked for, the arguments that were left out,
and those that were changed; or the error that the client raises.
"""

import datetime
import json
import logging
import os
import pathlib
import sys
import warnings

warnings.simplefilter('ignore')
os.environ['OS_NOVA_DISABLE_EVENTLET_PATCHING'] = '1'

import nova.version  # noqa: E402
import oslo_messaging  # noqa: E402
from nova import context  # noqa: E402
from nova import exception  # noqa: E402
from nova import objects  # noqa: E402
from nova import rpc  # noqa: E402
from nova.conductor import rpcapi  # noqa: E402
from nova.network import model  # noqa: E402
from nova.objects import base  # noqa: E402
from oslo_config import cfg  # noqa: E402
from oslo_serialization import jsonutils  # noqa: E402

logging.disable(logging.CRITICAL)

FOLDER = pathlib.Path(__file__).parent.parent / 'vectors' / 'compute_task'
CAPS = [f'1.{minor}' for minor in range(27)]
NOW = datetime.datetime(2026, 11, 22, 11, 57, 13, tzinfo=datetime.timezone.utc)


def uuid(number):
    return f'{number:08x}-0000-4000-8000-000000000000'


def clean(made):
    """The order in which changes travel is that of a set; without any, a message is the same each time."""
    made.obj_reset_changes(recursive=True)
    return made


def flavor():
    return clean(objects.Flavor(
        id=7, name='small', memory_mb=512, vcpus=1, root_gb=4, ephemeral_gb=0, flavorid='f7', swap=0,
        rxtx_factor=1.0, vcpu_weight=0, disabled=False, is_public=True, extra_specs={'hw:cpu_policy': 'shared'},
        projects=[], description=None, created_at=NOW, updated_at=None, deleted_at=None, deleted=False))


def instance():
    port = model.VIF(id=uuid(11), address='fa:16:3e:00:00:01', network=model.Network(id=uuid(12), bridge='br-int'))
    cache = objects.InstanceInfoCache(
        instance_uuid=uuid(1), network_info=model.NetworkInfo([port]), created_at=NOW, deleted=False)
    groups = objects.SecurityGroupList(objects=[objects.SecurityGroup(id=3, name='default', project_id='p')])
    return clean(objects.Instance(
        id=26, uuid=uuid(1), user_id='u', project_id='p', image_ref=uuid(2), hostname='vm', host='node-1',
        node='node-1', vm_state='active', task_state='resize_prep', power_state=1, memory_mb=512, vcpus=1,
        root_gb=4, ephemeral_gb=0, instance_type_id=7, launched_at=NOW, terminated_at=None,
        availability_zone='nova', display_name='vm', access_ip_v4='192.0.2.7', access_ip_v6=None, locked=False,
        metadata={'a': 'b'}, system_metadata={'image_min_disk': '4'}, info_cache=cache, security_groups=groups,
        flavor=flavor(), old_flavor=None, tags=objects.TagList(objects=[]), config_drive='', progress=0,
        created_at=NOW, updated_at=None, deleted=False))


def request_spec():
    return clean(objects.RequestSpec(id=5, instance_uuid=uuid(1), num_instances=1, flavor=flavor()))


def networks():
    return clean(objects.NetworkRequestList(objects=[
        objects.NetworkRequest(network_id=uuid(12), address='192.0.2.9', port_id=None, pci_request_id=None,
                               tag=None, arq_uuid=None, device_profile=None),
        objects.NetworkRequest(network_id=None, address=None, port_id=uuid(11), pci_request_id=uuid(13),
                               tag='lan', arq_uuid=None, device_profile='gpu')]))


def devices():
    return clean(objects.BlockDeviceMappingList(objects=[objects.BlockDeviceMapping(
        id=9, uuid=uuid(9), instance_uuid=uuid(1), device_name='/dev/vda', source_type='image',
        destination_type='local', boot_index=0, delete_on_termination=True, volume_id=None, created_at=NOW,
        updated_at=None, deleted=False)]))


def selection():
    return clean(objects.Selection(
        compute_node_uuid=uuid(21), service_host='node-2', nodename='node-2', cell_uuid=uuid(22), limits=None,
        allocation_request='{}', allocation_request_version='1.36', availability_zone=None))


def migration():
    return clean(objects.Migration(
        id=4, uuid=uuid(4), instance_uuid=uuid(1), source_compute='node-1', dest_compute='node-2',
        status='finished', migration_type='resize', cross_cell_move=True))


def aggregate():
    return clean(objects.Aggregate(id=2, uuid=uuid(15), name='ssd', hosts=['node-1'], metadata={'ssd': 'true'}))


def cases():
    """The name of a case, the method, and what is given to it."""
    move = dict(instance=instance(), scheduler_hint={'filter_properties': {}}, live=False, rebuild=False,
                flavor=flavor(), block_migration=None, disk_over_commit=None, reservations=None,
                clean_shutdown=True, request_spec=request_spec(), host_list=[selection()])
    yield 'migrate_server', 'migrate_server', dict(move, do_cast=True)
    yield 'migrate_server_call', 'migrate_server', dict(move, reservations=['r1'], clean_shutdown=False)
    yield 'migrate_server_live', 'migrate_server', dict(
        move, scheduler_hint={'host': 'node-2'}, live=True, flavor=None, block_migration=True,
        disk_over_commit=False, request_spec=None, host_list=None)
    yield 'build_instances', 'build_instances', dict(
        instances=[instance()], image={'id': uuid(2), 'properties': {}},
        filter_properties={'instance_type': flavor(), 'retry': {'num_attempts': 1}}, admin_password='secret',
        injected_files=[['/etc/motd', 'aGk=']], requested_networks=networks(), security_groups=['default'],
        block_device_mapping=devices(), legacy_bdm=False, request_spec=request_spec(),
        host_lists=[[selection()]])
    yield 'build_instances_plain', 'build_instances', dict(
        instances=[instance()], image={}, filter_properties={}, admin_password=None, injected_files=[],
        requested_networks=clean(objects.NetworkRequestList(objects=[])), security_groups=[],
        block_device_mapping=devices(), legacy_bdm=True, request_spec=None, host_lists=None)
    yield 'schedule_and_build_instances', 'schedule_and_build_instances', dict(
        build_requests=[clean(objects.BuildRequest(id=1, instance_uuid=uuid(1), project_id='p'))],
        request_specs=[request_spec()], image={'id': uuid(2)}, admin_password='secret', injected_files=[],
        requested_networks=networks(), block_device_mapping=devices(),
        tags=clean(objects.TagList(objects=[objects.Tag(resource_id=uuid(1), tag='web')])))
    yield 'unshelve_instance', 'unshelve_instance', dict(instance=instance(), request_spec=request_spec())
    rebuild = dict(instance=instance(), new_pass='secret', injected_files=[], image_ref=uuid(2),
                   orig_image_ref=uuid(3), orig_sys_metadata={'image_min_disk': '4'}, bdms=devices(),
                   recreate=False, on_shared_storage=False, preserve_ephemeral=False, host='node-1',
                   request_spec=request_spec(), reimage_boot_volume=False, target_state=None)
    yield 'rebuild_instance', 'rebuild_instance', rebuild
    yield 'rebuild_instance_reimaged', 'rebuild_instance', dict(rebuild, reimage_boot_volume=True)
    yield 'rebuild_instance_elsewhere', 'rebuild_instance', dict(
        rebuild, new_pass=None, injected_files=None, image_ref=None, orig_image_ref=None, orig_sys_metadata=None,
        bdms=None, recreate=True, on_shared_storage=None, target_state='stopped')
    yield 'live_migrate_instance', 'live_migrate_instance', dict(
        instance=instance(), scheduler_hint={'host': 'node-2'}, block_migration=True, disk_over_commit=False,
        request_spec=request_spec())
    yield 'cache_images', 'cache_images', dict(aggregate=aggregate(), image_ids=[uuid(2), uuid(3)])
    resize = dict(instance=instance(), migration=migration())
    yield 'confirm_snapshot_based_resize', 'confirm_snapshot_based_resize', dict(resize, do_cast=True)
    yield 'confirm_snapshot_based_resize_call', 'confirm_snapshot_based_resize', dict(resize, do_cast=False)
    yield 'revert_snapshot_based_resize', 'revert_snapshot_based_resize', resize
    attach = dict(instance=instance(), volume={'id': uuid(6), 'multiattach': False}, device='/dev/vdb',
                  disk_bus='virtio', device_type='disk', tag='data', supports_multiattach=True,
                  delete_on_termination=True)
    yield 'attach_volume', 'attach_volume', dict(attach, do_cast=True)
    yield 'attach_volume_call', 'attach_volume', dict(attach, do_cast=False)


class Taken:
    """A transport that takes each message, as it would be written."""

    def __init__(self):
        self.conf = cfg.CONF
        self.message = None

    def _send(self, target, ctxt, message, wait_for_reply=None, **_):
        self.message = jsonutils.loads(jsonutils.dumps(message))
        self.kind = 'call' if wait_for_reply else 'cast'


def sent(method, given, cap):
    """What the client sends under the cap, and how; or what it raises."""
    transport = Taken()
    rpc.TRANSPORT = oslo_messaging.get_rpc_transport(cfg.CONF, 'fake://')
    rpc.TRANSPORT._send = transport._send
    api = rpcapi.ComputeTaskAPI()
    target = oslo_messaging.Target(topic='conductor', namespace='compute_task', version='1.0')
    api.client = rpc.get_client(target, version_cap=cap, serializer=base.NovaObjectSerializer())
    try:
        getattr(api, method)(context.RequestContext('u', 'p'), **given)
    except (oslo_messaging.RPCVersionCapError, exception.NovaException) as error:
        return None, {'refused': type(error).__name__}
    assert transport.message['method'] == method
    assert transport.message['namespace'] == 'compute_task'
    return transport.kind, {'version': transport.message['version'], 'args': transport.message['args']}


def today(given):
    """The arguments as the newest receiver gets them. What it no longer gets is as the last that did got it."""
    serializer = base.NovaObjectSerializer()
    travelling = {name: serializer.serialize_entity(None, value) for name, value in given.items()}
    travelling.pop('do_cast', None)
    if 'block_device_mapping' in given and 'legacy_bdm' in given:
        travelling['block_device_mapping'] = base.obj_to_primitive(given['block_device_mapping'])
    return jsonutils.loads(jsonutils.dumps(travelling))


def record(method, given):
    whole = today(given)
    kinds, ranges = set(), []
    for cap in CAPS:
        kind, result = sent(method, given, cap)
        kinds.add(kind)
        args = result.pop('args', None)
        if args is not None:
            result['left_out'] = sorted(set(whole) - set(args))
            result['changed'] = {name: value for name, value in sorted(args.items()) if value != whole.get(name)}
        if ranges and {key: ranges[-1][key] for key in ranges[-1] if key not in ('from', 'to')} == result:
            ranges[-1]['to'] = cap
        else:
            ranges.append({'from': cap, 'to': cap, **result})
    kind, = kinds - {None}
    return {'method': method, 'kind': kind, 'given': whole, 'sent': ranges}


def main(arguments):
    if arguments not in ([], ['--write']):
        sys.exit(__doc__)
    objects.register_all()
    cfg.CONF([], project='nova', default_config_files=[])
    rpc.set_defaults(control_exchange='nova')
    recorded = {f'{name}.json': record(method, given) for name, method, given in cases()}
    different = sorted({path.name for path in FOLDER.glob('*.json')} - set(recorded))
    for name, case in recorded.items():
        text = json.dumps(case, indent=1, sort_keys=True) + '\n'
        path = FOLDER / name
        if arguments:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            different.append(name)
    if different:
        sys.exit(f'nova {nova.version.version_string()} sends otherwise than recorded: {", ".join(different)}')
    print(f'{len(recorded)} cases under {len(CAPS)} caps, as nova {nova.version.version_string()} sends them')


main(sys.argv[1:])
