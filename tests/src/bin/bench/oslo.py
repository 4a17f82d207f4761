"""oslo.messaging as a peer of the benchmark: 'oslo.py serve URL' or 'oslo.py call URL'; the orders are worker.rs's."""

import json
import logging
import os
import sys
import threading
import time

import oslo_messaging
from oslo_config import cfg

TOPIC = 'bench-oslo'
PAYLOAD = sys.argv[3]


class Echo:
    target = oslo_messaging.Target(version='1.0')

    def __init__(self):
        self.lock = threading.Lock()
        self.casts = 0

    def object_action(self, context, objinst, objmethod, args, kwargs):
        return {'objinst': objinst, 'objmethod': objmethod, 'args': args, 'kwargs': kwargs}

    def cast_action(self, context, objinst, objmethod, args, kwargs):
        with self.lock:
            self.casts += 1

    def count(self, context):
        return self.casts


def say(line):
    print(line, flush=True)


def serve(transport):
    target = oslo_messaging.Target(topic=TOPIC, server='here')
    server = oslo_messaging.get_rpc_server(transport, target, [Echo()], executor='threading')
    server.start()
    say('ready')
    sys.stdin.read()
    os._exit(0)


def follow(client, kind, tasks, seconds):
    args = json.loads(PAYLOAD)
    send, method = (client.call, 'object_action') if kind == 'call' else (client.cast, 'cast_action')
    latencies = []
    before = client.call({}, 'count') if kind == 'cast' else 0
    begin = time.perf_counter()
    end = begin + seconds

    def repeat():
        took = []
        now = time.perf_counter()
        while now < end:
            send({}, method, **args)
            after = time.perf_counter()
            took.append(after - now)
            now = after
        latencies.extend(took)

    threads = [threading.Thread(target=repeat) for _ in range(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while kind == 'cast' and client.call({}, 'count') - before < len(latencies):
        time.sleep(0.01)
    wall = time.perf_counter() - begin
    latencies.sort()

    def at(share):
        return int(latencies[min(int(len(latencies) * share), len(latencies) - 1)] * 1e6)

    return f'{len(latencies)} {int(wall * 1e6)} {at(0.5)} {at(0.99)}'


def call(transport):
    target = oslo_messaging.Target(topic=TOPIC, version='1.0')
    client = oslo_messaging.get_rpc_client(transport, target, timeout=60)
    args = json.loads(PAYLOAD)
    if client.call({}, 'object_action', **args) != args:
        sys.exit('the echo differs')
    say('ready')
    for order in sys.stdin:
        kind, tasks, millis = order.split()
        say(follow(client, kind, int(tasks), int(millis) / 1000))
    os._exit(0)


logging.disable(logging.CRITICAL)
cfg.CONF([])
transport = oslo_messaging.get_rpc_transport(cfg.CONF, sys.argv[2])
{'serve': serve, 'call': call}[sys.argv[1]](transport)
