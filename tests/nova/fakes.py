"""Stands for neutron, glance and cinder on a port of the loopback: every collection is empty, and nothing else is."""

import http.server
import json
import sys

COLLECTIONS = ('ports', 'networks', 'subnets', 'extensions', 'floatingips', 'security-groups', 'volumes',
               'attachments', 'images')
ROOTS = ('v2.0', 'v3', '')


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        last = self.path.split('?')[0].rstrip('/').split('/')[-1].removesuffix('.json')
        if last in COLLECTIONS:
            self._answer(200, {last.replace('-', '_'): []})
        elif last in ROOTS:
            self._answer(200, {'versions': [{'id': 'v2.0', 'status': 'CURRENT', 'links': []}], 'resources': []})
        else:
            self._answer(404, {'itemNotFound': {'message': 'there is nothing', 'code': 404}})

    def _answer(self, code, document):
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header('content-type', 'application/json')
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
