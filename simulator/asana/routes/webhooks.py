"""Webhooks: made with a handshake while the request waits, listed and removed."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import msgspec
from werkzeug.wrappers import Request, Response

from simulator.asana.asking import required
from simulator.asana.edits.journal import last_sequence, new_gid, reference
from simulator.asana.hooks import Hook, post
from simulator.asana.refusals import bad_request, unknown_object
from simulator.asana.service import Routes, Service
from simulator.asana.workspace import Document, asana_time
from simulator.web import answer

routes = Routes()


@routes.get("/webhooks")
def webhooks(service: Service, request: Request) -> Any:
    service.find.workspace_document(required(request, "workspace"))
    resource = request.args.get("resource")
    hooks = service.state.webhooks.values()
    chosen = [_document(hook) for hook in hooks if resource in (None, hook.resource["gid"])]
    return service.page(request, chosen, "webhook")


@routes.get("/webhooks/<gid>")
def webhook(service: Service, request: Request, gid: str) -> Any:
    return service.one(request, _document(_known(service, gid)), "webhook")


@routes.post_unlocked("/webhooks")
def make(service: Service, request: Request) -> Response:
    """Others are served while the target is asked: it may be one of them."""
    state = service.state
    resource, target, filters = _wanted(request)
    with state.lock:
        named = reference(service.find.project(resource))
    secret = secrets.token_hex(32)
    status, headers = post(target, b"", {"X-Hook-Secret": secret})
    if status not in (200, 204) or headers.get("x-hook-secret") != secret:
        raise bad_request("target: The remote server did not respond with the handshake secret.")
    with state.lock:
        hook = Hook(new_gid(state), named, target, filters, secret, service.now(), last_sequence(state))
        state.webhooks[hook.gid] = hook
        made = service.one(request, _document(hook), "webhook")
    return answer({**made, "X-Hook-Secret": secret}, 201)


@routes.delete("/webhooks/<gid>")
def remove(service: Service, _request: Request, gid: str) -> Any:
    del service.state.webhooks[_known(service, gid).gid]
    return {"data": {}}


def _known(service: Service, gid: str) -> Hook:
    hook = service.state.webhooks.get(gid)
    if hook is None:
        raise unknown_object("webhook", gid)
    return hook


def _wanted(request: Request) -> tuple[str, str, list[Document]]:
    try:
        data = msgspec.json.decode(request.get_data())["data"]
        resource, target, filters = data["resource"], data["target"], data.get("filters") or []
    except (msgspec.DecodeError, KeyError, TypeError):
        raise bad_request("resource: Missing input") from None
    if not str(target).startswith(("http://", "https://")):
        raise bad_request("target: Not a valid URI")
    if not isinstance(filters, list) or not all(isinstance(one, dict) for one in filters):
        raise bad_request("filters: Not a list of filters")
    return str(resource), str(target), filters


def _document(hook: Hook) -> Document:
    return {
        "gid": hook.gid,
        "resource_type": "webhook",
        "resource": hook.resource,
        "target": hook.target,
        "active": hook.beat_at is not None,
        "filters": hook.filters,
        "created_at": asana_time(hook.created_at),
        "last_success_at": _time(hook.last_success_at),
        "last_failure_at": _time(hook.last_failure_at),
        "last_failure_content": hook.last_failure_content or "",
        "delivery_retry_count": hook.retries,
        "failure_deletion_timestamp": _time(hook.gone_at),
    }


def _time(moment: datetime | None) -> str | None:
    return asana_time(moment) if moment is not None else None
