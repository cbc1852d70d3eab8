"""Serves the application with waitress: threads, any operating system. TLS is a proxy's matter.

What a request says of its sender in X-Forwarded-For, -Proto and -Host is taken from one trusted proxy only; from
anybody else these headers are thrown away. Before that changes who the sender is, the address the connection came from
is noted: whose word on people is believed depends on it (`webapp.peer`).
"""

from __future__ import annotations

from collections.abc import Callable

import waitress  # type: ignore[import-untyped]  # waitress ships no types
from flask import Flask
from waitress.proxy_headers import proxy_headers_middleware  # type: ignore[import-untyped]

from webapp.peer import noting_peer

THREADS = 8
LARGEST_BODY = 2_000_000
"""Bytes. The application refuses less than that in its own words; more is not even taken off the wire."""
LARGEST_HEAD = 65_536
FORWARDED = frozenset({"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"})


def serve(
    app: Flask,
    host: str,
    port: int,
    *,
    threads: int = THREADS,
    trusted_proxy: str = "",
    listening: Callable[[str], None] | None = None,
) -> None:
    """Serve until interrupted. Port 0 takes a free one; `listening` is told the address once it is taken.

    `trusted_proxy` is the address of the one proxy whose forwarding headers are believed; empty: nobody's.
    Raises `OSError` when the address cannot be taken.
    """
    believing = proxy_headers_middleware(app, trusted_proxy or None, trusted_proxy_headers=FORWARDED)
    server = waitress.create_server(
        noting_peer(believing),
        host=host,
        port=port,
        threads=threads,
        ident="",
        clear_untrusted_proxy_headers=False,  # done above
        max_request_body_size=LARGEST_BODY,
        max_request_header_size=LARGEST_HEAD,
    )
    if listening is not None:
        listening(f"http://{host}:{server.effective_port}")
    server.run()
