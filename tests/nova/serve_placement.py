"""Serves placement on a port of the loopback, without asking who comes."""

import socketserver
import sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    def address_string(self):
        # No look-up of names.
        return self.client_address[0]


port = int(sys.argv[1])
# placement reads the command line, too.
sys.argv = ['placement']

from placement.wsgi import init_application  # noqa: E402

make_server('127.0.0.1', port, init_application(), Server, Handler).serve_forever()
