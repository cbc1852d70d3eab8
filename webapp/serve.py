"""Serves the application with waitress: threads, any operating system. TLS is a proxy's matter."""

from __future__ import annotations

from collections.abc import Callable

import waitress  # type: ignore[import-untyped]  # waitress ships no types
from flask import Flask

THREADS = 8


def serve(
    app: Flask,
    host: str,
    port: int,
    *,
    threads: int = THREADS,
    listening: Callable[[str], None] | None = None,
) -> None:
    """Serve until interrupted. Port 0 takes a free one; `listening` is told the address once it is taken.

    Raises `OSError` when the address cannot be taken.
    """
    server = waitress.create_server(app, host=host, port=port, threads=threads, ident="")
    if listening is not None:
        listening(f"http://{host}:{server.effective_port}")
    server.run()
