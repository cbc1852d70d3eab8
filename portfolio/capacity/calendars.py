"""Calendars made, changed and taken away by hand, in the caller's transaction, each with its entry in the audit log.

The one called "portfolio" is the organisation's: it counts for whoever has no other, and for all working days. It
keeps its name, and is not taken away. `now` carries the portfolio's time zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.calendar import PORTFOLIO_CALENDAR, hours_by_calendar
from portfolio.capacity.errors import CapacityError
from portfolio.capacity.past import corrected, counts
from portfolio.dated import History, first_difference, history, on, said, spans, taken_back
from portfolio.model.base import EVER
from portfolio.model.people import Calendar, CalendarHours, Holiday, Person
from portfolio.model.resources import PersonTerms
from portfolio.resources.hours import write_week
from portfolio.resources.working_time import WorkingTime, read_working_time
from portfolio.store.locks import Lock, exclusive

LONGEST = 100


class Told(NamedTuple):
    """A calendar without its days off: the hours of a week, seven numbers from Monday, and from which day on."""

    name: str
    hours: History[str]


class Effect(StrEnum):
    """What hours that were entered come to: nothing was different, they hold from their day on, or they correct the
    past of those who work by the calendar."""

    SAME = "same"
    CHANGED = "changed"
    CORRECTED = "corrected"


class User(NamedTuple):
    """Somebody who works by a calendar at some time."""

    person_id: int
    name: str


def make_calendar(store: Connection, name: str, hours: str, now: datetime, by: Actor) -> int:
    """Make a calendar without days off. Its hours are those of all days; the organisation's has them from today on, and
    what was usual before; what was to be usual later is not taken over. `hours` are written as they are kept. Raises
    `CapacityError`."""
    exclusive(store, Lock.PEOPLE)
    _check_name(store, name, None)
    check_hours(hours)
    ident = store.scalars(insert(Calendar).values(name=name).returning(Calendar.id)).one()
    told = history((), hours)
    if name == PORTFOLIO_CALENDAR:
        usual = [(day, _hours_of(it)) for day, it in read_working_time(store) if day < now.date()]
        told = history([*usual, (now.date(), hours)], hours)
    write_hours(store, ident, told)
    append(store, now, by, "calendar.made", Subject("calendar", ident), new={"name": name, "hours": hours})
    return ident


def rename_calendar(store: Connection, calendar_id: int, name: str, now: datetime, by: Actor) -> bool:
    """Whether anything was different. Raises `CapacityError`."""
    exclusive(store, Lock.PEOPLE)
    before = _standing(store, calendar_id).name
    if before == name:
        return False
    if PORTFOLIO_CALENDAR in (before, name):
        raise CapacityError(
            f'The organisation\'s calendar is the one called "{PORTFOLIO_CALENDAR}": it keeps its name, and no other'
            " calendar becomes it. Make one of that name."
        )
    _check_name(store, name, calendar_id)
    store.execute(update(Calendar).where(Calendar.id == calendar_id).values(name=name))
    append(
        store, now, by, "calendar.changed", Subject("calendar", calendar_id), old={"name": before}, new={"name": name}
    )
    return True


def tell_hours(store: Connection, calendar_id: int, hours: str, since: date, now: datetime, by: Actor) -> Effect:
    """Say which hours a week of the calendar has from a day on, up to the next change that is entered; what was before
    stays. A day that is past is a correction, where any capacity is made of the calendar. Raises `CapacityError`."""
    exclusive(store, Lock.PEOPLE)
    check_hours(hours)
    before = _standing(store, calendar_id).hours
    return keep_hours(store, calendar_id, before, said(before, since, hours), now, by)


def take_back_hours(store: Connection, calendar_id: int, since: date, now: datetime, by: Actor) -> Effect:
    """Take the change of a day back: what was before it goes on. As `tell_hours`."""
    exclusive(store, Lock.PEOPLE)
    before = _standing(store, calendar_id).hours
    return keep_hours(store, calendar_id, before, taken_back(before, since), now, by)


def keep_hours(
    store: Connection, calendar_id: int, before: History[str], after: History[str], now: datetime, by: Actor
) -> Effect:
    """Keep what is said of a calendar in place of what was, with its entry in the audit log."""
    since = first_difference(before, after)
    if since is None:
        return Effect.SAME
    write_hours(store, calendar_id, after)
    past = corrected(store, [since], now) if counts(store, calendar_id) else None
    new: dict[str, object] = {"hours": _from(after, since), "since": since.isoformat()}
    new |= {} if past is None else {"correction": True}
    old = {"hours": _from(before, since)}
    append(store, now, by, "calendar.changed", Subject("calendar", calendar_id), old=old, new=new)
    return Effect.CHANGED if past is None else Effect.CORRECTED


def delete_calendar(store: Connection, calendar_id: int, now: datetime, by: Actor) -> None:
    """Take a calendar away, with its days off. Raises `CapacityError` where somebody works by it at any time."""
    exclusive(store, Lock.PEOPLE)
    before = read_calendar(store, calendar_id)
    if before is None:
        return
    if before.name == PORTFOLIO_CALENDAR:
        raise CapacityError("Everybody without a calendar works by this one. Change its days instead.")
    users = users_of(store, calendar_id)
    if users:
        some = ", ".join(f"{it.name} [{it.person_id}]" for it in users[:10])
        raise CapacityError(f"{len(users)} work or worked by it: {some}. Give them another calendar first.")
    for table in (Holiday, CalendarHours):
        store.execute(delete(table).where(table.calendar_id == calendar_id))
    store.execute(delete(Calendar).where(Calendar.id == calendar_id))
    told = {"name": before.name, "hours": _from(before.hours, EVER)}
    append(store, now, by, "calendar.deleted", Subject("calendar", calendar_id), old=told)


def read_calendar(store: Connection, calendar_id: int) -> Told | None:
    """The calendar, or None where there is none of this number."""
    name = store.scalar(select(Calendar.name).where(Calendar.id == calendar_id))
    return None if name is None else Told(name, hours_by_calendar(store, Calendar.id == calendar_id)[calendar_id])


def users_of(store: Connection, calendar_id: int) -> Sequence[User]:
    """Who works, worked or will work by it, by name."""
    query = select(Person.id, Person.name).where(
        Person.id.in_(select(PersonTerms.person_id).where(PersonTerms.calendar_id == calendar_id))
    )
    return [User(*row) for row in store.execute(query.order_by(Person.name, Person.id))]


def check_hours(hours: str) -> None:
    """Raises `CapacityError` for a week in which nobody works."""
    if not any(map(float, hours.split())):
        raise CapacityError("A week has at least one working day.")


def write_hours(store: Connection, calendar_id: int, told: History[str]) -> None:
    """Keep the hours in place of those that are there."""
    store.execute(delete(CalendarHours).where(CalendarHours.calendar_id == calendar_id))
    rows = [{"calendar_id": calendar_id, "valid_from": it[0], "valid_to": it[1], "hours": it[2]} for it in spans(told)]
    store.execute(insert(CalendarHours), rows)


def _from(told: History[str], since: date) -> str:
    """What holds from a day on, as the audit log has it."""
    return "; ".join([on(told, since), *(f"from {day}: {hours}" for day, hours in told if day > since)])


def _standing(store: Connection, calendar_id: int) -> Told:
    found = read_calendar(store, calendar_id)
    if found is None:
        raise CapacityError("There is no such calendar any more.")
    return found


def _check_name(store: Connection, name: str, calendar_id: int | None) -> None:
    if not name or len(name) > LONGEST or not name.isprintable():
        raise CapacityError(f"A name has 1 to {LONGEST} characters that can be seen.")
    if store.scalar(select(Calendar.id).where(Calendar.name == name)) not in (None, calendar_id):
        raise CapacityError("Another calendar is called that. Take another name.")


def _hours_of(usual: WorkingTime) -> str:
    """What is usual where the organisation has no calendar, as the hours of one."""
    day = Decimal(usual.minutes_per_day) / 60
    return write_week([day] * 5 + [Decimal(0)] * 2)
