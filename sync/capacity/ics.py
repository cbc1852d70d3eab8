"""All-day events of an ICS file (RFC 5545), as days: holidays, or when somebody is away.

Events that come back every year are told for each year of a span. Whatever else comes back, has a time of day, or was
moved once is refused with its reason: what it means for a day of work is not for a program to guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from icalendar import Calendar, Component
from sqlalchemy import Connection

from portfolio.capacity.holidays import LONGEST, MOST_DAYS, DayOff, missing_of
from sync.errors import TableError
from sync.identities.details import calendars
from sync.identities.sheet import Sheet

MAGIC = b"BEGIN:VCALENDAR"
MOST_EVENTS = 10_000
YEARS_BACK, YEARS_ON = 1, 5
_DAY = timedelta(days=1)
_PLAIN_RULE = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "WKST"})


class AllDay(NamedTuple):
    """An event from one day to another, both included. `title` is how that in the file begins."""

    start: date
    end: date
    title: str


def read_events(body: bytes, today: date) -> tuple[AllDay, ...]:
    """The events in the order of their days; those that come back every year from a year ago to five years on.

    Raises `TableError`, which names the event.
    """
    try:
        calendars = Calendar.from_ical(body, multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
        if len(events) > MOST_EVENTS:
            raise TableError(f"the calendar has more than {MOST_EVENTS:,} events. Split it.")
        kept = (event for event in events if str(event.get("STATUS", "")).upper() != "CANCELLED")
        found = tuple(sorted({each for event in kept for each in _days(event, today)}))
    except TableError:
        raise
    except Exception as error:  # icalendar raises whatever it stumbles over
        raise TableError(f"the file is no calendar that can be read: {str(error)[:100]}. It takes ICS.") from error
    if not found:
        raise TableError("the calendar has no events.")
    return found


def time_off_sheet(events: Sequence[AllDay], person_id: int) -> Sheet:
    """The events as a table of time off of one person; what they are called is left out."""
    days = sorted({(each.start, each.end) for each in events})
    rows = tuple((str(person_id), start.isoformat(), end.isoformat()) for start, end in days)
    return Sheet(("number", "start", "end"), rows, tuple(range(1, len(rows) + 1)))


def days_off(events: Sequence[AllDay]) -> list[DayOff]:
    """Each day of the events as a holiday under their name. Raises `TableError` for an event of more than a year, and
    for more days than a calendar takes at once."""
    found: list[DayOff] = []
    for each in events:
        if each.end - each.start > timedelta(days=366):
            raise _refused(each.title, "it is longer than a year")
        length = (each.end - each.start).days + 1
        if len(found) + length > MOST_DAYS:
            raise TableError(f"the calendar has more than {MOST_DAYS:,} days off. Split it.")
        found += [DayOff(each.start + timedelta(days=number), each.title) for number in range(length)]
    return found


def holiday_sheet(store: Connection, events: Sequence[AllDay], calendar: str) -> Sheet:
    """The days of the events that are none of the calendar's yet as a table of its holidays. Raises `TableError`."""
    ident = calendars(store).get(calendar)
    if ident is None:
        raise TableError(f"there is no calendar {calendar[:60]!r}. Make it on the page of calendars first.")
    new = missing_of(store, ident, days_off(events))
    rows = tuple((calendar, it.day.isoformat(), it.name) for it in new)
    return Sheet(("calendar", "day", "name"), rows, tuple(range(1, len(rows) + 1)))


def _days(event: Component, today: date) -> Iterator[AllDay]:
    title = " ".join(str(event.get("SUMMARY", ""))[:LONGEST].split())
    start, end = _bounds(event, title)
    if "RECURRENCE-ID" in event or "RDATE" in event:
        raise _refused(title, "one of its days was moved, or days were added. Write them as events of their own")
    rule = event.get("RRULE")
    if rule is None:
        yield AllDay(start, end, title)
        return
    apart = end - start
    skipped = set(_skipped(event))
    for begins in _yearly(rule, start, title, today):
        if begins not in skipped:
            yield AllDay(begins, begins + apart, title)


def _bounds(event: Component, title: str) -> tuple[date, date]:
    """The first and the last day. An event ends before the day that DTEND names."""
    start = _day(event.get("DTSTART"), title)
    if "DTEND" in event:
        end = _day(event.get("DTEND"), title) - _DAY
    elif "DURATION" in event:
        lasts = getattr(event["DURATION"], "dt", None)
        if not isinstance(lasts, timedelta) or lasts.seconds or lasts <= timedelta(0):
            raise _refused(title, "it does not last whole days")
        end = start + lasts - _DAY
    else:
        end = start
    # Some programs write the day itself where the one after it belongs.
    return start, max(start, end)


def _day(told: Any, title: str) -> date:
    found = getattr(told, "dt", None)
    if not isinstance(found, date) or isinstance(found, datetime):
        raise _refused(title, "it is no event of whole days")
    if not 1900 <= found.year <= 2200:
        raise _refused(title, f"its day {found} is out of all reason")
    return found


def _skipped(event: Component) -> Iterator[date]:
    told = event.get("EXDATE")
    for each in told if isinstance(told, list) else [told] if told is not None else []:
        for one in each.dts:
            yield one.dt.date() if isinstance(one.dt, datetime) else one.dt


def _yearly(rule: Any, start: date, title: str, today: date) -> Iterator[date]:
    """The days on which an event that comes back every year begins, within the span."""
    parts = {str(name).upper(): values if isinstance(values, list) else [values] for name, values in rule.items()}
    own_day = {"BYMONTH": start.month, "BYMONTHDAY": start.day}
    plain = parts.keys() <= _PLAIN_RULE and all(
        [int(value) for value in parts[name]] == [own] for name, own in own_day.items() if name in parts
    )
    if parts.get("FREQ") != ["YEARLY"] or not plain:
        raise _refused(
            title, "it comes back by another rule than the same day of every year. Write its days one by one"
        )
    interval, most = int(parts.get("INTERVAL", [1])[0]), int(parts.get("COUNT", [10_000])[0])
    until = parts.get("UNTIL", [None])[0]
    last_day = until.date() if isinstance(until, datetime) else until or date.max
    found = 0
    for year in range(start.year, today.year + YEARS_ON + 1, max(1, interval)):
        try:
            begins = start.replace(year=year)
        except ValueError:  # the 29th of February
            continue
        found += 1
        if found > most or begins > last_day:
            return
        if year >= today.year - YEARS_BACK:
            yield begins


def _refused(title: str, why: str) -> TableError:
    return TableError(f"the event {title[:60]!r} cannot be taken in: {why}. Nothing was.")
