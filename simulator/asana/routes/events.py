"""Events of a resource since a sync token: at most 100 a call, tokens that expire, 412 to start over."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request

from simulator.asana.asking import required
from simulator.asana.edits.journal import last_sequence
from simulator.asana.refusals import forbidden, sync_expired, unknown_object
from simulator.asana.service import Routes, Service

AT_ONCE = 100
AT_ONCE_WORKSPACE = 1000
LIFE_S = 24 * 3600
"""How long a token is good for."""


routes = Routes()


@routes.get("/events")
def events(service: Service, request: Request) -> Any:
    resource = required(request, "resource")
    if resource in service.state.inaccessible:
        raise forbidden("resource", resource)
    if not any(resource in held for held in (service.state.tasks, service.state.projects, service.state.goals)):
        raise unknown_object("resource", resource)
    return _answer_since(service, request, resource, AT_ONCE)


@routes.get("/workspaces/<gid>/events")
def workspace_events(service: Service, request: Request, gid: str) -> Any:
    service.find.workspace_document(gid)
    return _answer_since(service, request, gid, AT_ONCE_WORKSPACE)


def _answer_since(service: Service, request: Request, resource: str, at_once: int) -> Any:
    if not service.state.events_allowed:
        raise forbidden("resource", resource)
    latest, now = last_sequence(service.state), service.now()
    since = read_token(request.args.get("sync", ""), resource, now)
    if since is None or since < service.state.events_kept_from or since > latest:
        raise sync_expired(make_token(latest, resource, now))
    waiting = [event for event in service.state.events if event.sequence > since and resource in event.resources]
    sent = waiting[:at_once]
    more = len(waiting) > at_once
    render = service.renderer(request, "event")
    return {
        "data": [render(event.document) for event in sent],
        "sync": make_token(sent[-1].sequence if more else latest, resource, now),
        "has_more": more,
    }


def make_token(sequence: int, resource: str, now: datetime) -> str:
    return base64.urlsafe_b64encode(f"{sequence}:{resource}:{now.timestamp():.0f}".encode()).decode().rstrip("=")


def read_token(text: str, resource: str, now: datetime) -> int | None:
    """The sequence a token stands at; None when it is not one for this resource, or too old."""
    try:
        parts = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(":")
    except (binascii.Error, UnicodeError, ValueError):
        return None
    if len(parts) != 3 or parts[1] != resource or not (parts[0].isdigit() and parts[2].isdigit()):
        return None
    return int(parts[0]) if now.timestamp() - int(parts[2]) <= LIFE_S else None
