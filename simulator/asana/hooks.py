"""Webhooks of the simulated Asana: what one is, what it is told, and how it is posted."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import msgspec

TIMEOUT_S = 5.0
GIVEN_UP_AFTER = timedelta(hours=24)
BEATS_EVERY = timedelta(hours=8)
MOST_EVENTS = 1000


@dataclass
class Hook:
    """One webhook. `position` is the sequence of the last event it was told, or that was not for it."""

    gid: str
    resource: dict[str, Any]
    target: str
    filters: list[dict[str, Any]]
    secret: str
    created_at: datetime
    position: int
    beat_at: datetime | None = None
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_failure_content: str | None = None
    failing_since: datetime | None = None
    retries: int = 0
    listens: set[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.listens = {(one.get("resource_type", ""), one.get("action", "")) for one in self.filters}

    @property
    def gone_at(self) -> datetime | None:
        """When it is removed unless a delivery succeeds by then."""
        return None if self.failing_since is None else self.failing_since + GIVEN_UP_AFTER

    def hears(self, event: dict[str, Any]) -> bool:
        kind, action = event["resource"].get("resource_type", ""), event["action"]
        return not self.listens or bool(self.listens & {(kind, action), (kind, ""), ("", action)})


def body_of(events: list[dict[str, Any]]) -> bytes:
    """A delivery of these events, as compact as Asana makes them."""
    return msgspec.json.encode({"events": [_compact(event) for event in events]})


def signed(hook: Hook, body: bytes) -> dict[str, str]:
    digest = hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json; charset=UTF-8", "X-Hook-Signature": digest}


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, dict[str, str]]:
    """The status and the headers (in small letters) of the answer; 599 where there is none."""
    where = urlsplit(url)
    kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
    connection = kind(where.hostname or "", where.port, timeout=TIMEOUT_S)
    path = where.path or "/"
    try:
        connection.request("POST", f"{path}?{where.query}" if where.query else path, body, dict(headers))
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}
    except (OSError, HTTPException):
        return 599, {}
    finally:
        connection.close()


def _compact(event: dict[str, Any]) -> dict[str, Any]:
    told = {key: _bare(value) for key, value in event.items() if key != "type"}
    if "change" in event:
        told["change"] = {key: _bare(value) for key, value in event["change"].items()}
    return told


def _bare(value: Any) -> Any:
    if not isinstance(value, dict) or "gid" not in value:
        return value
    return {key: value[key] for key in ("gid", "resource_type", "resource_subtype") if key in value}
