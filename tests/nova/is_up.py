"""Asks Nova's own service group whether the nova-compute of a host is up, by the rows of the database.

    is_up.py CONFIGURATION HOST
"""

import os
import sys
import warnings

warnings.simplefilter('ignore')
os.environ['OS_NOVA_DISABLE_EVENTLET_PATCHING'] = '1'

from nova import config  # noqa: E402
from nova import context  # noqa: E402
from nova import objects  # noqa: E402
from nova import servicegroup  # noqa: E402

configuration, host = sys.argv[1:]
config.parse_args(['is_up', '--config-file', configuration])
objects.register_all()
service = objects.Service.get_by_compute_host(context.get_admin_context(), host)
print('up' if servicegroup.API().service_is_up(service) else 'down')
