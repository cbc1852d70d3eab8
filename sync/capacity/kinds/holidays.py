"""Days off of calendars: the table `holidays`. The calendars have to be there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, select

from portfolio.capacity.past import counts
from portfolio.model.people import Calendar, Holiday
from portfolio.store.upsert import upsert
from sync.capacity import cells
from sync.capacity.kind import Cell, Key, Kind, Known, Row, Standing, Value
from sync.identities.details import calendars
from sync.tables import table_of

_NO_DAY_OFF = ("", Decimal(0))


def calendar_of(row: cells.Cells, known: Known) -> str:
    """The name of a calendar that is there."""
    calendar = row.get("calendar", "")
    if calendar not in known.calendars:
        row.wrong("calendar", f"There is no such calendar. Known: {', '.join(known.calendars) or 'there is none'}.")
    return calendar


def _read(row: cells.Cells, _person_id: int, known: Known) -> Row:
    calendar = calendar_of(row, known)
    name = cells.text(row, "name") if row.get("name") else ""
    fraction = cells.share(row, "fraction", Decimal(0), Decimal(1), usual=Decimal(1))
    return Row((calendar, cells.day(row, "day")), (name, fraction))


def _standing(store: Connection) -> Standing:
    query = select(Calendar.name, Holiday.day, Holiday.name, Holiday.fraction)
    rows = store.execute(query.join(Calendar, Calendar.id == Holiday.calendar_id))
    return {(calendar, day): (name, fraction) for calendar, day, name, fraction in rows}


def _write(store: Connection, changed: Standing, _gone: Collection[Key], _known: Known) -> None:
    ids = calendars(store)
    rows = [
        {"calendar_id": ids[calendar], "day": day, "name": name, "fraction": fraction}
        for (calendar, day), (name, fraction) in changed.items()
    ]
    upsert(store, table_of(Holiday), rows, ["calendar_id", "day"])


def _differs(store: Connection, changed: Standing, _gone: Collection[Key]) -> list[date]:
    ids, standing = calendars(store), _standing(store)
    counting = {name for name in {key[0] for key in changed} if counts(store, ids[name])}
    days = [key for key, value in changed.items() if value[1] != standing.get(key, _NO_DAY_OFF)[1]]
    return [day for name, day in days if name in counting]


def _cells(key: Key, value: Value) -> tuple[Cell, ...]:
    return key[0], key[1].isoformat(), value[0], float(value[1])


HOLIDAYS = Kind(
    name="holidays",
    columns=("calendar", "day", "name", "fraction"),
    needed=frozenset({"calendar", "day"}),
    about_persons=False,
    read=_read,
    standing=_standing,
    write=_write,
    cells=_cells,
    differs=_differs,
)
