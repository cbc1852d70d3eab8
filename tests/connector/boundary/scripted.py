"""A real HTTP server that answers request after request from a script, misbehaving at the socket where told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass
class Say:
    """One scripted answer. `length` lies about the body's length; `drop` cuts the connection; `hang` never answers."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    drop: bool = False
    hang: bool = False


class ScriptedServer:
    """Answers from `script`, the last entry again and again; `asked` are method and path of each request."""

    def __init__(self, *script: Say, place: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self.script = list(script)
        self.asked: list[tuple[str, str]] = []
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(place, _handler(self._answer))
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.address = f"http://{place[0]}:{self.port}"

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append((handler.command, handler.path))
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        say = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        handler.close_connection = True
        if say.hang:
            self._over.wait(30)
            return
        if say.drop:
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        handler.send_response(say.status)
        # Said, not only done: a client that reuses the socket in the same instant would meet a reset nobody scripted.
        handler.send_header("Connection", "close")
        for name, value in say.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(say.body) if say.length is None else say.length))
        handler.end_headers()
        handler.wfile.write(say.body)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(answer: Callable[[BaseHTTPRequestHandler], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer(self)

        do_POST = do_CONNECT = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler
