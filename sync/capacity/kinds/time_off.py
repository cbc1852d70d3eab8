"""When persons are away: the table `time-off`. Why they are is never kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, tuple_

from portfolio.model.people import TimeOff
from sync.capacity import cells
from sync.capacity.kind import Cell, Key, Kind, Known, Row, Standing, Value
from sync.merge import chunks
from sync.tables import table_of

FILE = "file"
_TABLE = table_of(TimeOff)
_LEAST = Decimal("0.001")


def _read(row: cells.Cells, person_id: int, _known: Known) -> Row:
    start, end = cells.span(row, "start", "end")
    return Row((person_id, start, end), (cells.share(row, "fraction", _LEAST, Decimal(1), usual=Decimal(1)),))


def _standing(store: Connection) -> Standing:
    """Time off by its days: what several say of the same days adds up, to a whole day at most."""
    it = TimeOff
    days = (it.person_id, it.start, it.end)
    rows = store.execute(select(*days, func.sum(it.fraction)).group_by(*days))
    return {
        (person_id, start, end): (min(Decimal(1), round(Decimal(fraction), 3)),)
        for person_id, start, end, fraction in rows
    }


def _fixed(store: Connection) -> Collection[Key]:
    it = TimeOff
    query = select(it.person_id, it.start, it.end).where(it.connection_id.is_not(None))
    return {(person_id, start, end) for person_id, start, end in store.execute(query)}


def _write(store: Connection, changed: Standing, _gone: Collection[Key], _known: Known) -> None:
    for some in chunks(sorted(changed)):
        store.execute(delete(_TABLE).where(_TABLE.c.connection_id.is_(None), _days(some)))
    rows = [
        {"person_id": person_id, "start": start, "end": end, "fraction": fraction, "origin": FILE}
        for (person_id, start, end), (fraction,) in changed.items()
    ]
    if rows:
        store.execute(insert(_TABLE), rows)


def _differs(_store: Connection, changed: Standing, _gone: Collection[Key]) -> list[date]:
    return [start for _, start, _ in changed]


def _days(keys: Collection[Key]) -> ColumnElement[bool]:
    return tuple_(_TABLE.c.person_id, _TABLE.c.start, _TABLE.c.end).in_(keys)


def _cells(key: Key, value: Value) -> tuple[Cell, ...]:
    return key[1].isoformat(), key[2].isoformat(), float(value[0])


TIME_OFF = Kind(
    name="time-off",
    columns=("start", "end", "fraction"),
    needed=frozenset({"start", "end"}),
    about_persons=True,
    read=_read,
    standing=_standing,
    write=_write,
    cells=_cells,
    fixed=_fixed,
    differs=_differs,
)
