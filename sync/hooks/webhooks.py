"""The webhooks of connections as they are kept here: one row for each door.

A door is the unguessable part of an address. Who knows it may knock; what opens it is the signature, or the door alone
where the tracker cannot sign and the row says so.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection as Store
from sqlalchemy import delete, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.landing import Connection, Webhook
from portfolio.store.upsert import upsert
from sync.tables import table_of

PENDING, ACTIVE, FAILING, GONE = "pending", "active", "failing", "gone"
PATH = "/hooks/"
DOOR_BYTES = 32
_DOOR = re.compile("[A-Za-z0-9_-]{43}")


class WebhookRow(NamedTuple):
    """A webhook as the rest of the product sees it; its secret is not in it, only whether there is `proof` to ask for.

    `resource` is the project it speaks of, "" for the whole site.
    """

    id: int
    resource: str
    door: str
    external_id: str | None
    proof: bool
    state: str
    why: str | None
    created_at: datetime
    checked_at: datetime | None
    last_delivery_at: datetime | None


class Door(NamedTuple):
    """What has to be known to answer a knock. `secret` is sealed; None where there is none yet, or none by choice."""

    webhook_id: int
    connection_id: int
    tracker: str
    enabled: bool
    secret: bytes | None
    signed: bool


def target(public_url: str, door: str) -> str:
    """The address a tracker delivers to."""
    return public_url.rstrip("/") + PATH + door


def webhooks(store: Store, connection_id: int) -> tuple[WebhookRow, ...]:
    """The webhooks of a connection, by resource."""
    query = (
        select(
            Webhook.id,
            Webhook.resource,
            Webhook.door,
            Webhook.external_id,
            Webhook.secret.is_not(None) | ~Webhook.signed,
            Webhook.state,
            Webhook.why,
            Webhook.created_at,
            Webhook.checked_at,
            Webhook.last_delivery_at,
        )
        .where(Webhook.connection_id == connection_id)
        .order_by(Webhook.resource)
    )
    return tuple(WebhookRow._make(row) for row in store.execute(query))


def find_door(store: Store, door: str) -> Door | None:
    """The door of this name. What could be no door is looked for all the same, so that both take the same time."""
    query = (
        select(
            Webhook.id,
            Webhook.connection_id,
            Connection.tracker,
            Connection.enabled,
            Webhook.secret,
            Webhook.signed,
        )
        .join(Connection, Connection.id == Webhook.connection_id)
        .where(Webhook.door == (door if _DOOR.fullmatch(door) else ""))
    )
    row = store.execute(query).one_or_none()
    return None if row is None else Door(*row)


def make_door(
    store: Store, connection_id: int, resource: str, secret: bytes | None, signed: bool, now: datetime, by: Actor
) -> str:
    """Make a door for a resource, in place of the one it had: that one opens no more. Returns its name."""
    door = secrets.token_urlsafe(DOOR_BYTES)
    row = {
        "connection_id": connection_id,
        "resource": resource,
        "door": door,
        "external_id": None,
        "secret": secret,
        "signed": signed,
        "state": PENDING,
        "why": None,
        "created_at": now,
        "checked_at": None,
        "last_delivery_at": None,
    }
    upsert(store, table_of(Webhook), [row], ["connection_id", "resource"])
    new = {"resource": resource, "signed": signed}
    append(store, now, by, "webhook.added", Subject("connection", connection_id), new=new)
    return door


def keep_secret(store: Store, webhook_id: int, secret: bytes) -> bool:
    """Keep the secret of a handshake. False when none is awaited: a door takes one secret in its life."""
    awaited = (Webhook.id == webhook_id, Webhook.state == PENDING, Webhook.signed, Webhook.secret.is_(None))
    return store.execute(update(Webhook).where(*awaited).values(secret=secret)).rowcount > 0


def heard(store: Store, webhook_id: int, now: datetime) -> None:
    """A verified delivery came: whatever was thought of the webhook, it works."""
    own = update(Webhook).where(Webhook.id == webhook_id)
    store.execute(own.values(last_delivery_at=now, state=ACTIVE, why=None))


def judged(store: Store, webhook_id: int, external_id: str | None, state: str, why: str | None, now: datetime) -> None:
    """Note what the tracker was found to say of a webhook."""
    own = update(Webhook).where(Webhook.id == webhook_id)
    store.execute(own.values(external_id=external_id, state=state, why=why, checked_at=now))


def forget(store: Store, webhook_ids: Collection[int], now: datetime, by: Actor) -> None:
    """Remove webhooks here: their doors open no more."""
    own = delete(Webhook).where(Webhook.id.in_(webhook_ids))
    gone = store.execute(own.returning(Webhook.connection_id, Webhook.resource)).all()
    for connection_id, resource in sorted(gone):
        append(store, now, by, "webhook.removed", Subject("connection", connection_id), old={"resource": resource})
