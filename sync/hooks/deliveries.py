"""Deliveries: what trackers say has changed, kept until it was asked for, and a while longer to know repetitions.

A delivery names things and carries no data. Those waiting are taken together, so that many notices of one item are one
question.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection as Store
from sqlalchemy import Engine, delete, exists, select, update

from connector.protocol import Stream
from connector.webhooks import Notice
from portfolio.model.landing import Connection, Cursor, Delivery
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import reading, writing
from portfolio.store.upsert import upsert
from sync.modes import ALWAYS
from sync.run.runs import CANCELLED, FAILED
from sync.tables import table_of

WAITING, DONE = "waiting", "done"
CAUSE = "webhook"
# Trackers repeat a delivery for a day at most.
KEPT = timedelta(days=7)
# After a run that failed or was stopped. The schedule reads what changed meanwhile, so there is no hurry.
REST = timedelta(minutes=5)
AT_ONCE = 1_000


class Batch(NamedTuple):
    """Deliveries taken together, and what they name."""

    deliveries: tuple[int, ...]
    items: tuple[str, ...]
    streams: frozenset[Stream]


def is_known(store: Store, connection_id: int, delivery_id: str) -> bool:
    """Whether the delivery was kept before."""
    own = (Delivery.connection_id == connection_id, Delivery.delivery_id == delivery_id)
    return bool(store.scalar(select(exists().where(*own))))


def keep(store: Store, connection_id: int, delivery_id: str, notice: Notice, now: datetime) -> None:
    """Keep what a delivery names. One that is known stays as it is."""
    row = {
        "connection_id": connection_id,
        "delivery_id": delivery_id,
        "named": msgspec.json.encode(notice).decode(),
        "state": WAITING,
        "received_at": now,
        "done_at": None,
    }
    upsert(store, table_of(Delivery), [row], ["connection_id", "delivery_id"], update=[])


def waiting(engine: Engine, now: datetime) -> tuple[int, ...]:
    """The enabled connections whose deliveries wait, but for those where fetching some ended badly a moment ago."""
    failed = exists().where(
        SyncRun.connection_id == Connection.id,
        SyncRun.cause == CAUSE,
        SyncRun.state.in_((FAILED, CANCELLED)),
        SyncRun.finished_at > now - REST,
    )
    some = exists().where(Delivery.connection_id == Connection.id, Delivery.state == WAITING)
    query = select(Connection.id).where(Connection.enabled, some, ~failed).order_by(Connection.id)
    with reading(engine) as store:
        return tuple(store.scalars(query))


def take(engine: Engine, connection_id: int) -> Batch | None:
    """The oldest deliveries that wait, with all that they name; None when none does. They wait until `done`."""
    own = (Delivery.connection_id == connection_id, Delivery.state == WAITING)
    query = select(Delivery.id, Delivery.named).where(*own).order_by(Delivery.id).limit(AT_ONCE)
    with reading(engine) as store:
        rows = store.execute(query).all()
    if not rows:
        return None
    notices = [msgspec.json.decode(named, type=Notice) for _, named in rows]
    items = dict.fromkeys(item for notice in notices for item in notice.items)
    streams = frozenset(stream for notice in notices for stream in notice.streams)
    return Batch(tuple(ident for ident, _ in rows), tuple(items), streams)


def done(engine: Engine, deliveries: Collection[int], now: datetime) -> None:
    """What these deliveries name has been fetched. Those that are too old to come again are forgotten."""
    with writing(engine) as store:
        store.execute(update(Delivery).where(Delivery.id.in_(deliveries)).values(state=DONE, done_at=now))
        store.execute(delete(Delivery).where(Delivery.state == DONE, Delivery.done_at <= now - KEPT))


def make_due(engine: Engine, connection_id: int, streams: Collection[Stream]) -> None:
    """Have the next incremental run read these streams, though they are lists of reference read a short while ago."""
    lists = [stream.value for stream in streams if stream not in ALWAYS]
    if not lists:
        return
    own = (Cursor.connection_id == connection_id, Cursor.stream.in_(lists))
    with writing(engine) as store:
        store.execute(update(Cursor).where(*own).values(completed_at=None))
