"""Serves the application with waitress: threads, any operating system. TLS is a proxy's matter."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from waitress.server import create_server

THREADS = 8


class AddressInUseError(OSError):
    """The address cannot be listened on; the text says which and what to do."""


def serve(
    app: Flask, host: str, port: int, *, threads: int = THREADS, listening: Callable[[str], None] | None = None
) -> None:
    """Serve until interrupted. `listening` is told the URL once the port is taken (port 0 takes a free one)."""
    try:
        server = create_server(app, host=host, port=port, threads=threads, ident="")
    except OSError as error:
        reason = error.strerror or "it cannot be listened on"
        raise AddressInUseError(f"{host} port {port}: {reason}. Choose another address or port.") from error
    if listening is not None:
        shown = f"[{host}]" if ":" in host else host
        listening(f"http://{shown}:{server.effective_port}/")
    try:
        server.run()
    finally:
        server.close()
