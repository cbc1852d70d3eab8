"""When persons are away, as it is kept: filtered, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from portfolio.model.landing import Connection as Tracker
from portfolio.model.people import Person, TimeOff

ORIGINS = ("tracker", "hand", "file")
PART = ("whole", "part")


@dataclass(frozen=True)
class Wish:
    """Which are wanted: of persons with that in their name, on days between two (both included), whole days or parts
    of them, and where from. Empty or None: all."""

    text: str = ""
    first: date | None = None
    last: date | None = None
    part: str | None = None
    origin: str | None = None


class Line(NamedTuple):
    """One absence. `tracker` is the connection that tells of it, None where it was entered here."""

    id: int
    person_id: int
    person: str
    start: date
    end: date
    fraction: Decimal
    origin: str
    tracker: str | None


def count_time_off(connection: Connection, wish: Wish) -> int:
    """How many there are."""
    return int(connection.scalar(_narrowed(select(func.count()).select_from(TimeOff), wish)))


def list_time_off(connection: Connection, wish: Wish, limit: int, offset: int) -> list[Line]:
    """The newest first."""
    it = TimeOff
    columns = (it.id, it.person_id, Person.name, it.start, it.end, it.fraction, it.origin, Tracker.name)
    query = _narrowed(select(*columns).select_from(it), wish).outerjoin(Tracker, Tracker.id == it.connection_id)
    query = query.order_by(it.start.desc(), it.id).limit(limit).offset(offset)
    return [Line(*row) for row in connection.execute(query)]


def _narrowed(query: Any, wish: Wish) -> Any:
    query = query.join(Person, Person.id == TimeOff.person_id)
    if wish.text:
        query = query.where(Person.name.icontains(wish.text, autoescape=True))
    if wish.first is not None:
        query = query.where(TimeOff.end >= wish.first)
    if wish.last is not None:
        query = query.where(TimeOff.start <= wish.last)
    if wish.part is not None:
        query = query.where(TimeOff.fraction >= 1 if wish.part == "whole" else TimeOff.fraction < 1)
    return query if wish.origin is None else query.where(TimeOff.origin == wish.origin)
