"""The address a request's connection came from, whatever the request says of its sender."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import request

PEER = "sightline.peer"
"""Not the name of a header: no request can set it."""


def noting_peer(application: WSGIApplication) -> WSGIApplication:
    """The application, told where each request's connection comes from. Nothing before it may have changed that."""

    def noted(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ[PEER] = environ["REMOTE_ADDR"]
        return application(environ, start)

    return noted


def peer() -> IPv4Address | IPv6Address | None:
    """Where the connection of this request comes from; None where nobody noted it."""
    try:
        found = ip_address(request.environ.get(PEER, ""))
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
