"""When persons are away, entered by hand, in the caller's transaction. Why they are is never kept.

Days that are past are a correction. `now` carries the portfolio's time zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, delete, exists, insert, select

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.capacity.past import persons_corrected
from portfolio.faults import EntryError, Fault, require
from portfolio.model.people import TimeOff
from portfolio.store.locks import Lock, exclusive

HAND = "hand"
MOST_DAYS = 3_660


class Away(NamedTuple):
    """A person's absence, both days included; `fraction` of each of these days."""

    person_id: int
    start: date
    end: date
    fraction: Decimal = Decimal(1)


def add_time_off(store: Connection, it: Away, now: datetime, by: Actor) -> int:
    """Add it, and return its number. Raises `EntryError`."""
    exclusive(store, Lock.PEOPLE)
    require(wrong(store, it))
    ident = store.scalars(insert(TimeOff).values(**it._asdict(), origin=HAND).returning(TimeOff.id)).one()
    told = {"time_off": ident} | _correction(store, it.start, now)
    append(store, now, by, "time_off.added", Subject("person", it.person_id), new=told)
    return ident


def wrong(store: Connection, it: Away) -> Iterator[Fault]:
    """All that is wrong with it."""
    if it.end < it.start:
        yield Fault("end", "It ends before it starts. Mind the two days.")
    elif (it.end - it.start).days >= MOST_DAYS:
        yield Fault("end", "That is more than ten years. Say that somebody left on their page instead.")
    if not 0 < it.fraction <= 1:
        yield Fault("fraction", "Of a day more than nothing (0) and up to all (1) is off.")
    same = (TimeOff.person_id == it.person_id, TimeOff.start == it.start, TimeOff.end == it.end)
    if store.scalar(select(exists().where(*same))):
        said = "These days stand already. Remove them first, or mend them where a tracker tells of them."
        yield Fault("start", said)


def remove_time_off(store: Connection, ident: int, now: datetime, by: Actor) -> bool:
    """Remove one that no tracker tells of; False where it is gone already. Raises `EntryError`."""
    exclusive(store, Lock.PEOPLE)
    told = select(TimeOff.person_id, TimeOff.connection_id, TimeOff.start).where(TimeOff.id == ident)
    row = store.execute(told).one_or_none()
    if row is None:
        return False
    if row.connection_id is not None:
        said = "A tracker tells of these days. Change them there: the next sync would bring them back."
        raise EntryError(Fault("id", said))
    store.execute(delete(TimeOff).where(TimeOff.id == ident))
    new = _correction(store, row.start, now) or None
    append(store, now, by, "time_off.removed", Subject("person", row.person_id), old={"time_off": ident}, new=new)
    return True


def start_of(store: Connection, ident: int) -> date | None:
    """The first day of one that stands."""
    return store.scalar(select(TimeOff.start).where(TimeOff.id == ident))


def _correction(store: Connection, start: date, now: datetime) -> dict[str, object]:
    """What the audit log says of days that are past."""
    return {} if persons_corrected(store, [start], now) is None else {"correction": True}
