"""Days off of a calendar: entered one by one, or many at once. A day that stands already stays as it is.

A day that is past is a correction. `now` carries the portfolio's time zone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, cast

from sqlalchemy import Connection, Table, delete, select

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.capacity.errors import CapacityError
from portfolio.capacity.past import corrected, counts, first_past
from portfolio.model.people import Calendar, Holiday
from portfolio.store.locks import Lock, exclusive
from portfolio.store.upsert import upsert_values

LONGEST = 100
MOST_DAYS = 5_000


class DayOff(NamedTuple):
    """A day off; `fraction` 1 is all of it."""

    day: date
    name: str = ""
    fraction: Decimal = Decimal(1)


def holidays_of(store: Connection, calendar_id: int) -> list[DayOff]:
    """The days off of a calendar, in order."""
    query = select(Holiday.day, Holiday.name, Holiday.fraction).where(Holiday.calendar_id == calendar_id)
    return [DayOff(*row) for row in store.execute(query.order_by(Holiday.day))]


def missing_of(store: Connection, calendar_id: int, days: Iterable[DayOff]) -> list[DayOff]:
    """Those days, in order, that are none of the calendar's yet; of two on one day the first, under both names."""
    standing = {it.day for it in holidays_of(store, calendar_id)}
    found: dict[date, DayOff] = {}
    for it in sorted(days, key=lambda each: (each.day, each.name)):
        name = " ".join(it.name.split())
        name = "".join(character for character in name if character.isprintable())
        before = found.get(it.day)
        if before is not None and name not in (before.name, ""):
            name = f"{before.name}, {name}" if before.name else name
        if it.day not in standing:
            found[it.day] = DayOff(it.day, name[:LONGEST], it.fraction)
    return list(found.values())


def add_holidays(
    store: Connection, calendar_id: int, days: Iterable[DayOff], source: str, now: datetime, by: Actor
) -> int:
    """Add those days that do not stand yet, and return how many. `source` says where they are from: hand, a country,
    or file. Raises `CapacityError`."""
    exclusive(store, Lock.PEOPLE)
    if store.scalar(select(Calendar.id).where(Calendar.id == calendar_id)) is None:
        raise CapacityError("There is no such calendar any more.")
    new = missing_of(store, calendar_id, days)
    if len(new) > MOST_DAYS:
        raise CapacityError(f"These are more than {MOST_DAYS:,} days. Take a shorter span.")
    if not all(0 <= it.fraction <= 1 for it in new):
        raise CapacityError("Of a day between nothing (0) and all (1) is off.")
    if not new:
        return 0
    rows = [(calendar_id, *it) for it in new]
    key = ("calendar_id", "day")
    upsert_values(store, cast(Table, Holiday.__table__), (*key, "name", "fraction"), rows, key)
    told: dict[str, object] = {
        "source": source,
        "days": len(new),
        "first": new[0].day.isoformat(),
        "last": new[-1].day.isoformat(),
    }
    told |= _correction(store, calendar_id, new, now)
    append(store, now, by, "holidays.added", Subject("calendar", calendar_id), new=told)
    return len(new)


def remove_holiday(store: Connection, calendar_id: int, day: date, now: datetime, by: Actor) -> bool:
    """Make a day a working day again; False where it was one."""
    exclusive(store, Lock.PEOPLE)
    own = (Holiday.calendar_id == calendar_id, Holiday.day == day)
    row = store.execute(select(Holiday.name, Holiday.fraction).where(*own)).one_or_none()
    if row is None:
        return False
    store.execute(delete(Holiday).where(*own))
    told = {"day": day.isoformat(), "name": row.name, "fraction": f"{row.fraction.normalize():f}"}
    new = _correction(store, calendar_id, [DayOff(day, row.name, row.fraction)], now)
    append(store, now, by, "holiday.removed", Subject("calendar", calendar_id), old=told, new=new or None)
    return True


def past_by_adding(store: Connection, calendar_id: int, days: Iterable[DayOff], now: datetime) -> date | None:
    """Since which past day capacity would be another, were these days added."""
    return first_past(_off(store, calendar_id, missing_of(store, calendar_id, days)), now)


def past_by_removing(store: Connection, calendar_id: int, day: date, now: datetime) -> date | None:
    """The day, where it is past and capacity of it would be another, were it a working day again."""
    return first_past(_off(store, calendar_id, [it for it in holidays_of(store, calendar_id) if it.day == day]), now)


def _correction(store: Connection, calendar_id: int, days: Iterable[DayOff], now: datetime) -> dict[str, object]:
    """What the audit log says of days that are past."""
    return {} if corrected(store, _off(store, calendar_id, days), now) is None else {"correction": True}


def _off(store: Connection, calendar_id: int, days: Iterable[DayOff]) -> list[date]:
    """Those of the days of which capacity is another with them than without."""
    return [it.day for it in days if it.fraction] if counts(store, calendar_id) else []
