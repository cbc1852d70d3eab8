"""The hours of a week of calendars, from which day on: the table `calendar-hours`. The calendars have to be there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection

from portfolio.calendar import USUAL_HOURS, hours_by_calendar
from portfolio.capacity.calendars import check_hours, keep_hours
from portfolio.capacity.errors import CapacityError
from portfolio.capacity.past import counts
from portfolio.dated import first_difference, history, spans
from portfolio.model.base import EVER, FAR
from sync.capacity import cells
from sync.capacity.kind import Cell, Dated, Key, Kind, Known, Row, Standing, Value
from sync.capacity.kinds.holidays import calendar_of
from sync.capacity.kinds.terms import first_day
from sync.identities.details import calendars


def _read(row: cells.Cells, _person_id: int, known: Known) -> Row:
    hours = cells.hours(row, "hours")
    try:
        check_hours(hours or "")
    except CapacityError as error:
        if "hours" not in {it.field for it in row.faults}:
            row.wrong("hours", str(error))
    return Row((calendar_of(row, known), cells.day_or_none(row, "from") or EVER), (None, hours))


def _standing(store: Connection) -> Standing:
    told = hours_by_calendar(store)
    return {
        (name, it.since): (it.until, it.value) for name, ident in calendars(store).items() for it in spans(told[ident])
    }


def _after(store: Connection, changed: Standing, gone: Collection[Key]) -> dict[str, list[tuple[date, str]]]:
    """What will be said of the calendars of which something changes."""
    wanted = {key: value for key, value in ({**_standing(store), **changed}).items() if key not in gone}
    names = {key[0] for key in (*changed, *gone)}
    return {name: [(since, value[1]) for (it, since), value in wanted.items() if it == name] for name in names}


def _write(store: Connection, changed: Standing, gone: Collection[Key], known: Known) -> None:
    ids, told = calendars(store), hours_by_calendar(store)
    for name, entries in _after(store, changed, gone).items():
        ident = ids[name]
        keep_hours(store, ident, told[ident], history(entries, USUAL_HOURS), known.now, known.by)


def _differs(store: Connection, changed: Standing, gone: Collection[Key]) -> list[date]:
    ids, told = calendars(store), hours_by_calendar(store)
    days = [
        first_difference(told[ids[name]], history(entries, USUAL_HOURS))
        for name, entries in _after(store, changed, gone).items()
        if counts(store, ids[name])
    ]
    return [day for day in days if day is not None]


def _cells(key: Key, value: Value) -> tuple[Cell, ...]:
    return key[0], first_day(key[1]), value[1]


CALENDAR_HOURS = Kind(
    name="calendar-hours",
    columns=("calendar", "from", "hours"),
    needed=frozenset({"calendar", "hours"}),
    about_persons=False,
    read=_read,
    standing=_standing,
    write=_write,
    cells=_cells,
    dated=Dated(before=(FAR, USUAL_HOURS)),
    differs=_differs,
)
