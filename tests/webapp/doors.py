"""Doors in a database, and trackers that knock at them as Jira and Asana do."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select, update

from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import Delivery, Webhook
from portfolio.store.engine import reading, writing
from sync.connections import add_connection
from sync.hooks.webhooks import make_door
from sync.secrets import SecretStore

SECRET = "known to two"


@dataclass(frozen=True)
class Knocker:
    """A tracker with a webhook. `secret` is what it signs with, None where it does not."""

    tracker: str
    connection_id: int
    door: str
    secret: str | None = SECRET

    @property
    def path(self) -> str:
        return f"/hooks/{self.door}"

    def body(self, *items: str) -> bytes:
        """A notice that these items changed; Jira can name one."""
        if self.tracker == "jira":
            return json.dumps({"webhookEvent": "jira:issue_updated", "issue": {"id": "".join(items)}}).encode()
        events = [{"action": "changed", "resource": {"gid": item, "resource_type": "task"}} for item in items]
        return json.dumps({"events": events}).encode()

    def headers(self, body: bytes, **more: str) -> dict[str, str]:
        """The headers of a delivery, signed. Names of `more` are written with low lines."""
        headers = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in more.items()}
        if self.secret is not None:
            found = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
            signature = {"jira": ("X-Hub-Signature", f"sha256={found}"), "asana": ("X-Hook-Signature", found)}
            name, value = signature[self.tracker]
            headers[name] = value
        return headers


Make = Callable[..., Knocker]
"""Makes a knocker: `make("asana", secret=None)`."""


def connection(engine: Engine, tracker: str, now: datetime, address: str = "", **settings: Any) -> int:
    """A connection to a tracker that follows all it can see."""
    way = SignIn.CLOUD_TOKEN if tracker == "jira" else SignIn.PERSONAL_TOKEN
    given = ConnectionSettings(
        tracker=tracker,
        address=address or f"https://{tracker}.invalid",
        sign_in=way,
        account="pmo@example.invalid" if tracker == "jira" else "",
        **settings,
    )
    return add_connection(engine, tracker, given, "store", now, COMMAND)


def knocker(
    engine: Engine,
    secrets: SecretStore,
    tracker: str,
    now: datetime,
    *,
    secret: str | None = SECRET,
    signed: bool = True,
    address: str = "",
) -> Knocker:
    """A tracker whose webhook is registered. Without a secret it has not shaken hands yet, or does not sign."""
    ident = connection(engine, tracker, now, address)
    sealed = secrets.seal(ident, Secret(secret)) if secret is not None else None
    with writing(engine) as store:
        door = make_door(store, ident, "", sealed, signed=signed, now=now, by=COMMAND)
        if secret is not None:
            store.execute(update(Webhook).values(state="active"))
    return Knocker(tracker, ident, door, secret)


def kept(engine: Engine) -> list[tuple[str, str]]:
    """The deliveries that are kept: what they name, and their state."""
    with reading(engine) as store:
        return [(row.named, row.state) for row in store.execute(select(Delivery.__table__).order_by(Delivery.id))]


def webhook(engine: Engine) -> Any:
    """The only webhook's row."""
    with reading(engine) as store:
        return store.execute(select(Webhook.__table__)).one()
