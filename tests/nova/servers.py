"""Does to servers what nova-api does, over the bus alone: rows are made and read through our conductor.

    servers.py CONFIGURATION create UUID           makes the rows of an instance
    servers.py CONFIGURATION build UUID            asks the conductor to build it, on the one host that there is
    servers.py CONFIGURATION schedule UUID         asks the conductor to build it, on a host that the scheduler chooses
    servers.py CONFIGURATION reboot|stop|start|pause|unpause|delete UUID
"""

import os
import sys
import warnings

warnings.simplefilter('ignore')
os.environ['OS_NOVA_DISABLE_EVENTLET_PATCHING'] = '1'

from nova import monkey_patch  # noqa: E402

monkey_patch.patch(backend='threading')

from nova import config  # noqa: E402
from nova import context  # noqa: E402
from nova import objects  # noqa: E402
from nova.compute import instance_actions  # noqa: E402
from nova.compute import power_state  # noqa: E402
from nova.compute import rpcapi as compute_rpcapi  # noqa: E402
from nova.compute import task_states  # noqa: E402
from nova.compute import vm_states  # noqa: E402
from nova.conductor import rpcapi as conductor_rpcapi  # noqa: E402
from nova.network import model as network_model  # noqa: E402
from nova.objects import base  # noqa: E402

PROJECT, USER, HOST = 'a' * 32, 'b' * 32, 'cmp1'
IMAGE = {'id': 'cccccccc-cccc-cccc-cccc-cccccccccccc', 'name': 'img', 'status': 'active', 'size': 1, 'min_ram': 0,
         'min_disk': 0, 'container_format': 'bare', 'disk_format': 'raw', 'checksum': None, 'owner': PROJECT,
         'properties': {}, 'created_at': None, 'updated_at': None, 'deleted': False, 'deleted_at': None,
         'is_public': True, 'protected': False}
ACTIONS = {
    'reboot': (instance_actions.REBOOT, task_states.REBOOTING),
    'stop': (instance_actions.STOP, task_states.POWERING_OFF),
    'start': (instance_actions.START, task_states.POWERING_ON),
    'pause': (instance_actions.PAUSE, task_states.PAUSING),
    'unpause': (instance_actions.UNPAUSE, task_states.UNPAUSING),
    'delete': (instance_actions.DELETE, task_states.DELETING),
}


def flavor():
    return objects.Flavor(id=1, name='lab.tiny', flavorid='lab1', memory_mb=64, vcpus=1, root_gb=1, ephemeral_gb=0,
                          swap=0, rxtx_factor=1.0, vcpu_weight=0, disabled=False, is_public=True, extra_specs={},
                          projects=[], description=None, created_at=None, updated_at=None, deleted_at=None,
                          deleted=False)


def create(ctxt, uuid):
    small = flavor()
    instance = objects.Instance(
        context=ctxt, uuid=uuid, user_id=USER, project_id=PROJECT, image_ref=IMAGE['id'], kernel_id='', ramdisk_id='',
        hostname='vm1', display_name='vm1', display_description='vm1', launch_index=0, key_name=None, key_data=None,
        power_state=power_state.NOSTATE, vm_state=vm_states.BUILDING, task_state=task_states.SCHEDULING,
        memory_mb=small.memory_mb, vcpus=small.vcpus, root_gb=small.root_gb, ephemeral_gb=0,
        instance_type_id=small.id, user_data=None, reservation_id='r-lab00001', access_ip_v4=None, access_ip_v6=None,
        availability_zone=None, metadata={'colour': 'blue'},
        system_metadata={'image_base_image_ref': IMAGE['id'], 'owner_project_name': 'p', 'owner_user_name': 'u'},
        root_device_name=None, config_drive='', auto_disk_config=False, numa_topology=None,
        pci_requests=objects.InstancePCIRequests(requests=[], instance_uuid=uuid), flavor=small, old_flavor=None,
        new_flavor=None, progress=0, shutdown_terminate=False, disable_terminate=False,
        keypairs=objects.KeyPairList(objects=[]), trusted_certs=None, hidden=False, locked=False, locked_by=None,
        security_groups=objects.SecurityGroupList(objects=[]),
        info_cache=objects.InstanceInfoCache(network_info=network_model.NetworkInfo()))
    instance.create()
    objects.InstanceAction.action_start(ctxt, uuid, instance_actions.CREATE, want_result=False)


def find(ctxt, uuid):
    attributes = ['flavor', 'info_cache', 'metadata', 'system_metadata', 'security_groups', 'numa_topology',
                  'pci_requests', 'tags', 'keypairs', 'trusted_certs', 'resources', 'migration_context']
    return objects.Instance.get_by_uuid(ctxt, uuid, expected_attrs=attributes)


def request_spec(ctxt, uuid):
    groups = objects.SecurityGroupList(objects=[])
    spec = objects.RequestSpec.from_components(ctxt, uuid, IMAGE, flavor(), None,
                                               objects.InstancePCIRequests(requests=[]), {}, None, None,
                                               security_groups=groups)
    spec.is_bfv, spec.num_instances = False, 1
    return spec


def networks():
    return objects.NetworkRequestList(objects=[objects.NetworkRequest(network_id='none')])


def chosen(ctxt, uuid):
    """What a scheduler answers for one instance, if there is one host."""
    node = objects.ComputeNodeList.get_all_by_host(ctxt, HOST)[0]
    host = objects.Selection(compute_node_uuid=node.uuid, service_host=HOST, nodename=node.hypervisor_hostname,
                             cell_uuid=uuid, limits=None, allocation_request=None, allocation_request_version=None,
                             availability_zone='nova')
    return [[host]]


def build(ctxt, uuid, host_lists=chosen):
    conductor_rpcapi.ComputeTaskAPI().build_instances(
        ctxt, instances=[find(ctxt, uuid)], image=IMAGE, filter_properties={}, admin_password='secret',
        injected_files=[], requested_networks=networks(), security_groups=[],
        block_device_mapping=objects.BlockDeviceMappingList(objects=[]), legacy_bdm=False,
        request_spec=request_spec(ctxt, uuid), host_lists=host_lists and host_lists(ctxt, uuid))


def schedule(ctxt, uuid):
    build(ctxt, uuid, host_lists=None)


def act(ctxt, uuid, name):
    instance = find(ctxt, uuid)
    action, state = ACTIONS[name]
    instance.task_state = state
    instance.save(expected_task_state=[None])
    objects.InstanceAction.action_start(ctxt, uuid, action, want_result=False)
    api = compute_rpcapi.ComputeAPI()
    if name == 'reboot':
        api.reboot_instance(ctxt, instance, None, 'SOFT')
    elif name == 'stop':
        api.stop_instance(ctxt, instance, do_cast=True, clean_shutdown=True)
    elif name == 'start':
        api.start_instance(ctxt, instance)
    elif name == 'pause':
        api.pause_instance(ctxt, instance)
    elif name == 'unpause':
        api.unpause_instance(ctxt, instance)
    elif name == 'delete':
        devices = objects.BlockDeviceMappingList.get_by_instance_uuid(ctxt, uuid)
        api.terminate_instance(ctxt, instance, devices)


def main(configuration, name, uuid):
    config.parse_args(['servers', '--config-file', configuration])
    objects.register_all()
    base.NovaObject.indirection_api = conductor_rpcapi.ConductorAPI()
    ctxt = context.RequestContext(USER, PROJECT, is_admin=True, roles=['admin'], user_name='u', project_name='p')
    made = {'create': create, 'build': build, 'schedule': schedule}
    if name in made:
        # One request of a user, though several programs do it.
        ctxt.request_id = f'req-{uuid}'
        made[name](ctxt, uuid)
    else:
        act(ctxt, uuid, name)
    sys.stdout.flush()
    # The threads of oslo.messaging would keep it alive.
    os._exit(0)


main(*sys.argv[1:])
