"""A WSGI server on real sockets: HTTP/1.1 with keep-alive, one thread per connection, loopback speed.

The standard library's and Werkzeug's servers close each connection after one answer, which no tracker does, and cannot
break an answer off in the middle, which some trackers do. Here an application may raise `ConnectionDropped` (nothing is
sent), or send fewer bytes than its Content-Length says (the connection is then closed).

Does not do TLS, chunked request bodies or HTTP pipelining limits: it only ever listens on loopback.
"""

from __future__ import annotations

import contextlib
import io
import socket
import struct
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication, WSGIEnvironment


class ConnectionDropped(Exception):
    """Raised by an application that wants the connection cut without an answer."""


class WireServer(ThreadingHTTPServer):
    """Serves one application on one port, in threads of its own. `address` is known as soon as it exists."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, app: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__((host, port), _Exchange)
        self.app = app
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def server_bind(self) -> None:
        """Bind without the reverse look-up of the host's name, which may take seconds on a closed network."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    @property
    def address(self) -> str:
        return f"http://{self.server_name}:{self.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and cut every open connection. Not to be called from a request."""
        self.shutdown()
        self.server_close()
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is a fault of the simulator and is shown."""
        if not isinstance(sys.exception() if sys.version_info >= (3, 12) else sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Exchange(BaseHTTPRequestHandler):
    """One connection: requests one after the other until either side closes it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536
    server: WireServer

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        try:
            status, headers, answer = call(self.server.app, self._environ(body))
        except ConnectionDropped:
            # A reset, not an orderly end: the client must not take it for a closed keep-alive connection.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        self._answer(status, headers, answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = _serve

    def _answer(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        names = {name.lower(): value for name, value in headers}
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
        if "date" not in names:
            lines.append(f"Date: {self.date_time_string()}")
        bodiless = self.command == "HEAD" or status.startswith(("204", "304"))
        if "content-length" not in names and not status.startswith(("204", "304")):
            lines.append(f"Content-Length: {len(body)}")
        elif not bodiless and len(body) != int(names.get("content-length", len(body))):
            self.close_connection = True
        if names.get("connection", "").lower() == "close":
            self.close_connection = True
        elif self.close_connection:
            lines.append("Connection: close")
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        if not bodiless:
            self.wfile.write(body)

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": self.path,
            "SERVER_NAME": self.server.server_name,
            "SERVER_PORT": str(self.server.server_port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        return environ

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are logged by `simulator.faults`, where tests can read them; stderr stays quiet."""


def call(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes]:
    """The whole answer of an application: status line, headers, body."""
    head: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        head[:] = [status, headers]
        return _no_write

    parts = app(environ, start_response)
    body = b"".join(parts)
    getattr(parts, "close", lambda: None)()
    return head[0], head[1], body


def _no_write(_data: bytes) -> None:
    raise NotImplementedError("the simulators return their bodies")


def status_line(status: int) -> str:
    """The status with its words, as WSGI wants it."""
    return f"{status} {HTTPStatus(status).phrase}"
