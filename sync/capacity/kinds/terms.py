"""How persons work, from which day on: the table `terms`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Connection, select

from portfolio.dated import History, first_difference, history
from portfolio.model.base import EVER, FAR
from portfolio.model.people import Calendar
from portfolio.model.resources import PersonTerms
from portfolio.store.upsert import upsert
from sync.capacity import cells
from sync.capacity.kind import Cell, Dated, Key, Kind, Known, Row, Standing, Value, delete_keys
from sync.identities.details import MOST_FTE, calendars
from sync.tables import table_of

_DAY = timedelta(days=1)
_TABLE = table_of(PersonTerms)
_USUAL: Value = (Decimal(1), None, None)


def until(row: cells.Cells, first: date) -> date | None:
    """The day before which a row ends, by its last day `to`."""
    last = cells.day_or_none(row, "to")
    if last is not None and last < first:
        row.wrong("to", f"It ends on {last} before it begins on {first}.")
    return None if last is None else last + _DAY


def first_day(first: date) -> str:
    """The day as a file has it; nothing for ever."""
    return "" if first == EVER else first.isoformat()


def last_day(until: date) -> str:
    """The last day as a file has it; nothing for ever."""
    return "" if until == FAR else (until - _DAY).isoformat()


def _read(row: cells.Cells, person_id: int, known: Known) -> Row:
    first = cells.day_or_none(row, "from") or EVER
    calendar = row.get("calendar", "") or None
    if calendar is not None and calendar not in known.calendars:
        row.wrong("calendar", f"There is no such calendar. Known: {', '.join(known.calendars) or 'there is none'}.")
    fte = cells.share(row, "fte", Decimal(0), MOST_FTE)
    return Row((person_id, first), (until(row, first), fte, calendar, cells.hours(row, "hours")))


def _standing(store: Connection) -> Standing:
    it = PersonTerms
    query = select(it.person_id, it.valid_from, it.valid_to, it.fte, Calendar.name, it.hours)
    rows = store.execute(query.outerjoin(Calendar, Calendar.id == it.calendar_id))
    return {(person_id, first): tuple(value) for person_id, first, *value in rows}


def _write(store: Connection, changed: Standing, gone: Collection[Key], _known: Known) -> None:
    delete_keys(store, _TABLE, (_TABLE.c.person_id, _TABLE.c.valid_from), gone)
    ids = calendars(store)
    rows = [
        {
            "person_id": person_id,
            "valid_from": first,
            "valid_to": end,
            "fte": fte,
            "calendar_id": None if calendar is None else ids[calendar],
            "hours": hours,
        }
        for (person_id, first), (end, fte, calendar, hours) in changed.items()
    ]
    upsert(store, _TABLE, rows, ["person_id", "valid_from"])


def _differs(store: Connection, changed: Standing, gone: Collection[Key]) -> list[date]:
    persons, standing = {key[0] for key in (*changed, *gone)}, _standing(store)
    before, after = (
        _by_person(standing),
        _by_person({it: v for it, v in {**standing, **changed}.items() if it not in gone}),
    )
    days = [first_difference(_works(before[who]), _works(after[who])) for who in persons]
    return [day for day in days if day is not None]


def _by_person(told: Standing) -> dict[int, list[tuple[date, Value]]]:
    found: dict[int, list[tuple[date, Value]]] = defaultdict(list)
    for (person_id, first), value in told.items():
        found[person_id].append((first, value))
    return found


def _works(rows: Iterable[tuple[date, Value]]) -> History[Value | None]:
    """How a person works on each day: as usual (nothing told), or not at all (None) where none of their rows holds."""
    rows = list(rows)
    ends: list[tuple[date, Value | None]] = [(value[0], None) for _, value in rows if value[0] != FAR]
    return history([*ends, *((first, value[1:]) for first, value in rows)], None if rows else _USUAL)


def _cells(key: Key, value: Value) -> tuple[Cell, ...]:
    end, fte, calendar, hours = value
    return first_day(key[1]), last_day(end), float(fte), calendar, hours


TERMS = Kind(
    name="terms",
    columns=("from", "to", "fte", "calendar", "hours"),
    needed=frozenset({"fte"}),
    about_persons=True,
    read=_read,
    standing=_standing,
    write=_write,
    cells=_cells,
    dated=Dated(before=(FAR, *_USUAL)),
    differs=_differs,
)
