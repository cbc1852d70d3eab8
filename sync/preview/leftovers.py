"""What a draft has no place or no rule for: records that would fail, values that no rule covers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import FromClause, Select, and_, func, select

from portfolio.model.landing import Connection, Quarantine, UnmappedValue
from portfolio.model.work import WorkItem
from portfolio.store.shadow import Shadow
from sync.preview.result import Failure, Unmapped
from sync.tables import table_of

MOST = 200


def failures(ours: Shadow) -> tuple[int, tuple[Failure, ...]]:
    """How many records would go into quarantine that are not there, and the first of them."""
    table = table_of(Quarantine)
    before = ours.real(table).alias("before")
    same = and_(*(table.c[name] == before.c[name] for name in ("connection_id", "stream", "external_id")))
    new = before.c.id.is_(None)
    total = ours.store.scalar(select(func.count()).select_from(table.outerjoin(before, same)).where(new)) or 0
    item = and_(
        WorkItem.connection_id == table.c.connection_id,
        WorkItem.external_id == table.c.external_id,
        table.c.stream == "items",
    )
    told = (
        select(Connection.name, table.c.stream, table.c.external_id, table.c.reason, WorkItem.key)
        .select_from(table)
        .outerjoin(before, same)
        .join(Connection, Connection.id == table.c.connection_id)
        .outerjoin(WorkItem, item)
        .where(new)
        .order_by(table.c.reason, table.c.id)
        .limit(MOST)
    )
    return total, tuple(Failure(*row) for row in ours.store.execute(told))


def unmapped(ours: Shadow) -> tuple[Unmapped, ...]:
    """The values that no rule of the draft covers, those of the most items first."""
    table = table_of(UnmappedValue)
    before = ours.real(table).alias("before")
    known = set(ours.store.execute(select(*(before.c[name] for name in _VALUE))).all())
    rows = ours.store.execute(_values(table))
    return tuple(Unmapped(row[0], row[1], row[2], row[3], tuple(row[4:]) not in known) for row in rows)


def covered(ours: Shadow) -> tuple[Unmapped, ...]:
    """The values that a rule of the draft covers and none does now."""
    now = table_of(UnmappedValue)
    before = ours.real(now).alias("before")
    same = and_(*(before.c[name] == now.c[name] for name in _VALUE))
    gone = _values(before).outerjoin(now, same).where(now.c.value.is_(None))
    return tuple(Unmapped(*row[:4]) for row in ours.store.execute(gone))


_VALUE = ("connection_id", "subject", "value")


def _values(table: FromClause) -> Select[Any]:
    columns = (Connection.name, table.c.subject, table.c.value, table.c["items"], *(table.c[name] for name in _VALUE))
    query = select(*columns).join(Connection, Connection.id == table.c.connection_id)
    return (
        query.where(table.c["items"] > 0)
        .order_by(table.c["items"].desc(), *(table.c[name] for name in _VALUE))
        .limit(MOST)
    )
