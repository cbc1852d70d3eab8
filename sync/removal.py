"""Removing a connection that brought nothing. One that brought data is never removed: it can be disabled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, Table, delete, func, select

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.base import Base
from portfolio.model.landing import Connection, Lease
from portfolio.model.oversight import SyncRun, SyncRunStream
from portfolio.store.engine import reading, writing
from sync.errors import BusyError

# What the product itself wrote down about a connection; everything else that refers to one came from its tracker.
BOOKKEEPING = (
    "stored_secret",
    "cursor",
    "mapping_profile",
    "unmapped_value",
    "field_sample",
    "lease",
    "awaited_name",
    "item_claim",
    "rate_budget",
    "schedule",
    "run_request",
    "webhook",
    "delivery",
    "sync_run",
)


def landed(engine: Engine, connection_id: int) -> dict[str, int]:
    """How many rows came from the connection, by table; tables without any are left out."""
    with reading(engine) as store:
        counts = {
            table.name: store.scalar(
                select(func.count()).select_from(table).where(table.c.connection_id == connection_id)
            )
            for table in _referring()
            if table.name not in BOOKKEEPING
        }
    return {name: count for name, count in counts.items() if count}


def remove_connection(engine: Engine, connection_id: int, now: datetime, by: Actor) -> None:
    """Remove it with its bookkeeping, in one transaction. Raises `BusyError` while a run of it is under way.

    If data landed since `landed` was asked, the database refuses (a foreign key) and nothing is removed.
    """
    runs = select(SyncRun.id).where(SyncRun.connection_id == connection_id)
    held = select(Lease.owner, Connection.name).join(Connection, Connection.id == Lease.connection_id)
    with writing(engine) as store:
        lease = store.execute(held.where(Lease.connection_id == connection_id, Lease.expires_at > now)).one_or_none()
        if lease is not None:
            raise BusyError(lease.name, lease.owner, None)
        store.execute(delete(SyncRunStream).where(SyncRunStream.run_id.in_(runs)))
        for table in _referring():
            if table.name in BOOKKEEPING:
                store.execute(delete(table).where(table.c.connection_id == connection_id))
        name = store.scalar(delete(Connection).where(Connection.id == connection_id).returning(Connection.name))
        if name is not None:
            append(store, now, by, "connection.removed", Subject("connection", connection_id), old={"name": name})


def _referring() -> list[Table]:
    """The tables whose rows belong to a connection, those that others refer to last."""
    return [table for table in reversed(Base.metadata.sorted_tables) if "connection_id" in table.c]
