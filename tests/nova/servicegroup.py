"""Asks Nova's own service group whether a nova-compute is up, by the rows of the database."""

import os
import warnings

warnings.simplefilter('ignore')
os.environ['OS_NOVA_DISABLE_EVENTLET_PATCHING'] = '1'


def main(arguments):
    configuration, host = arguments
    from nova import config, context, objects, servicegroup
    config.parse_args(['servicegroup', '--config-file', configuration])
    objects.register_all()
    service = objects.Service.get_by_compute_host(context.get_admin_context(), host)
    print('up' if servicegroup.API().service_is_up(service) else 'down')
