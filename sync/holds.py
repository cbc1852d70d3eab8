"""The circuit breaker: when too much is missing at once, nothing is retired until a person has looked.

A lost permission or a narrowed token looks like a mass deletion. Nothing is wrong with the data that is kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, delete, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.landing import Absence, Hold
from portfolio.store.engine import reading, writing
from portfolio.store.upsert import upsert
from sync.tables import table_of

# So few missing records are an ordinary day, whatever their share.
FEW = 10
MOST_RETIRED = 0.2
APPROVED = "approved"


class Held(NamedTuple):
    """What waits for a person: how many records of how many are missing, since when, and what was decided."""

    run_id: int
    missing: int
    total: int
    made_at: datetime
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None


def too_many(missing: int, total: int, share: float) -> bool:
    """Whether so many missing records of `total` need a person's word. Pure."""
    return missing > FEW and missing > share * total


def covers(held: Held | None, missing: int) -> bool:
    """Whether a person approved about so many. Pure: an approval of some is none of many more."""
    return held is not None and held.decision == APPROVED and missing <= held.missing + FEW


def pending(store: Connection, connection_id: int) -> Held | None:
    """The connection's hold, decided or not; None when nothing is held."""
    query = select(
        Hold.run_id, Hold.missing, Hold.total, Hold.made_at, Hold.decision, Hold.decided_by, Hold.decided_at
    ).where(Hold.connection_id == connection_id)
    row = store.execute(query).first()
    return Held(*row) if row is not None else None


def held(engine: Engine, connection_id: int) -> Held | None:
    """`pending`, for who has no transaction yet."""
    with reading(engine) as store:
        return pending(store, connection_id)


def place(store: Connection, connection_id: int, run_id: int, missing: int, total: int, now: datetime) -> None:
    """Hold back, in place of an earlier hold. One of the same size keeps its day."""
    row = {"connection_id": connection_id, "run_id": run_id, "missing": missing, "total": total, "made_at": now}
    undecided = {"decision": None, "decided_by": None, "decided_at": None}
    before = pending(store, connection_id)
    if before is None or before.missing != missing or before.decision is not None:
        upsert(store, table_of(Hold), [row | undecided], ["connection_id"])


def lift(store: Connection, connection_id: int) -> None:
    """Nothing is held any more."""
    store.execute(delete(Hold).where(Hold.connection_id == connection_id))


def decide(
    engine: Engine, connection_id: int, *, approve: bool, name: str, by: Actor, now: datetime, shown: int | None = None
) -> bool:
    """Let the next run retire what is missing, or forget what was observed so that the next census looks again.

    `name` is what the pages call whoever decides. `shown` is how many they saw missing: if it is another number by now,
    nothing is decided. Returns whether anything was.
    """
    with writing(engine) as store:
        held = pending(store, connection_id)
        if held is None or shown not in (None, held.missing):
            return False
        if approve:
            values = {"decision": APPROVED, "decided_by": name, "decided_at": now}
            store.execute(update(Hold).where(Hold.connection_id == connection_id).values(**values))
        else:
            lift(store, connection_id)
            open_end = (Absence.connection_id == connection_id, Absence.applied_at.is_(None))
            store.execute(delete(Absence).where(*open_end))
        append(
            store,
            now,
            by,
            "hold.approved" if approve else "hold.rejected",
            Subject("connection", connection_id),
            old={"decision": held.decision},
            new={"missing": held.missing, "total": held.total, "run": held.run_id},
        )
        return True
