"""Two persons turn out to be one: everything that named the one names the other, and the one is gone.

What was moved is told row by row, so that it can be brought back (`sync.identities.undoing`). Many persons are merged
with one pass over each column that names persons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    delete,
    exists,
    insert,
    select,
    tuple_,
    update,
)

from portfolio.model.base import WHOLE, Base
from portfolio.model.mapping import PersonDecision
from portfolio.model.people import Person
from portfolio.model.work import FieldChange, ItemVersion, Transition
from sync import persons_past
from sync.tables import table_of

# As many values as one statement names, whichever database.
CHUNK = 400

# Columns that hold a person without a foreign key: history must not hold up the merging or leaving of people.
_WITHOUT_KEY = (
    (table_of(ItemVersion), "assignee_id"),
    (table_of(Transition), "by_id"),
    (table_of(FieldChange), "by_id"),
    (table_of(PersonDecision), "other_id"),
)
_PERSON = table_of(Person)

Row = dict[str, Any]


class Place(NamedTuple):
    """A column that names persons."""

    table: Table
    column: Column[Any]

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column.name}"

    @property
    def key(self) -> list[Column[Any]]:
        """What identifies a row of the table beside the column itself."""
        return [column for column in self.table.primary_key.columns if column is not self.column]


class Trace(msgspec.Struct):
    """What merging one person away did.

    `person` is their row; `moved` has by place the keys of the rows that name the other since, `dropped` by table the
    rows that went because the other stood in the same place. `whole` has the moved rows as they were, of tables whose
    rows of a person hang together.
    """

    person: Row = {}
    moved: dict[str, list[Any]] = {}
    dropped: dict[str, list[Row]] = {}
    whole: dict[str, list[Row]] = {}


def places() -> Iterator[Place]:
    """Every column that names persons, in the order in which tables depend on each other."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table is _PERSON for key in column.foreign_keys):
                yield Place(table, column)
    for table, name in _WITHOUT_KEY:
        yield Place(table, table.c[name])


def merge_person(store: Connection, gone: int, stays: int) -> Trace:
    """Move all that belongs to person `gone` to person `stays`, then delete `gone`.

    Where both already stand in one place (two assignees of one item), that place keeps `stays` once. The past of their
    projects, and of everybody together, is due to be computed anew.
    """
    return merge_persons(store, {gone: stays})[gone]


def merge_persons(store: Connection, into: Mapping[int, int]) -> dict[int, Trace]:
    """`merge_person` for each person and whom they go into. Who stays may not be one who goes."""
    persons_past.note(store, sorted(into))
    traces = {gone: Trace() for gone in into}
    for some in chunks(sorted(into)):
        for row in store.execute(select(_PERSON).where(_PERSON.c.id.in_(some))).mappings():
            traces[row["id"]].person = _plain(dict(row))
    for some in chunks(sorted(into)):
        for place in places():
            _move(store, place, {gone: into[gone] for gone in some}, traces)
        store.execute(delete(Person).where(Person.id.in_(some)))
    # Nobody is their own manager: who managed the one does not manage both.
    store.execute(update(Person).where(Person.manager_id == Person.id).values(manager_id=None))
    return traces


def _move(store: Connection, place: Place, into: Mapping[int, int], traces: Mapping[int, Trace]) -> None:
    table, column = place
    if column.primary_key:
        _drop_doubles(store, place, into, traces)
    named = column.in_(list(into))
    owned = update(table).where(named).values({column.name: case(dict(into), value=column)})
    if WHOLE in table.info:
        for row in store.execute(select(table).where(named).order_by(*table.primary_key.columns)).mappings():
            traces[row[column.name]].whole.setdefault(table.name, []).append(_plain(dict(row)))
        store.execute(owned)
        return
    for *key, who in store.execute(select(*place.key, column).where(named).order_by(*place.key)):
        plain = [msgspec.to_builtins(part) for part in key]
        traces[who].moved.setdefault(place.name, []).append(plain[0] if len(plain) == 1 else plain)
    store.execute(owned)


def _drop_doubles(store: Connection, place: Place, into: Mapping[int, int], traces: Mapping[int, Trace]) -> None:
    """Of rows that will name one person in one place, the one of the person who stays is kept, else the first."""
    table, column = place
    # Where rows of a person hang together, whoever comes first has them all.
    keys = table.info.get(WHOLE, [name.name for name in place.key])
    about = column.in_([*into, *into.values()])
    found = [dict(row) for row in store.execute(select(table).where(about).order_by(column, *place.key)).mappings()]
    found.sort(key=lambda row: row[column.name] in into)
    taken: dict[tuple[Any, ...], int] = {}
    for row in found:
        who = row[column.name]
        spot = (*(row[name] for name in keys), into.get(who, who))
        if taken.setdefault(spot, who) != who:
            store.execute(
                delete(table).where(*(table.c[name.name] == row[name.name] for name in place.key), column == who)
            )
            traces[who].dropped.setdefault(table.name, []).append(_plain(row))


def bring_back(store: Connection, person_id: int, trace: Trace, stays: int) -> None:
    """Undo `merge_person`: the person is there again, and so are the rows that still name `stays` and were theirs.

    What names somebody else by now, or is gone, stays as it is.
    """
    row = typed(_PERSON, trace.person)
    row["manager_id"] = _still_there(store, row["manager_id"])
    store.execute(insert(_PERSON).values(**row))
    for place in places():
        if WHOLE in place.table.info:
            _part_whole(store, place, trace.whole.get(place.table.name, []), stays)
            continue
        keys = trace.moved.get(place.name, [])
        for some in chunks(keys):
            own = _among(place, some)
            store.execute(update(place.table).where(own, place.column == stays).values({place.column.name: person_id}))
    for table in Base.metadata.sorted_tables:
        for plain in trace.dropped.get(table.name, []):
            _put_back(store, table, typed(table, plain))
    persons_past.note(store, [person_id])


def _part_whole(store: Connection, place: Place, rows: Sequence[Row], stays: int) -> None:
    """The rows are the person's again, as they were; who stays has them no more, unless they were changed there since:
    parted, neither would have a whole."""
    table, column = place
    shared = table.info[WHOLE]
    parts: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        parts.setdefault(tuple(row[name] for name in shared), []).append(row)
    for spot, part in parts.items():
        of = [column == stays, *(table.c[name] == value for name, value in zip(shared, spot, strict=True))]
        found = store.execute(select(table).where(*of).order_by(*table.primary_key.columns)).mappings()
        if [_plain(dict(row)) | {column.name: None} for row in found] == [row | {column.name: None} for row in part]:
            store.execute(delete(table).where(*of))
        for row in part:
            _put_back(store, table, typed(table, row))


def _still_there(store: Connection, person_id: int | None) -> int | None:
    """The person, or whom they were merged into; None where nobody is left."""
    if person_id is None or store.scalar(select(exists().where(Person.id == person_id))):
        return person_id
    merged = (PersonDecision.kind == "merged", PersonDecision.undone_at.is_(None))
    became = select(PersonDecision.other_id).where(*merged, PersonDecision.person_id == person_id)
    return store.scalar(became.order_by(PersonDecision.id.desc()).limit(1))


def _among(place: Place, keys: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a row is one of these, as a `Trace` names them."""
    columns = place.key
    if len(columns) == 1:
        return columns[0].in_([_value(columns[0], key) for key in keys])
    return tuple_(*columns).in_([tuple(map(_value, columns, key)) for key in keys])


def _put_back(store: Connection, table: Table, row: Row) -> None:
    """Insert a row again, unless it is there or what it speaks of is not."""
    own = [column == row[column.name] for column in table.primary_key.columns]
    wanted = [~exists().where(*own)]
    for key in table.foreign_keys:
        value = row[key.parent.name]
        if value is not None:
            wanted.append(exists().where(key.column == value))
    if store.scalar(select(and_(*wanted))):
        store.execute(insert(table).values(**row))


def typed(table: Table, plain: Mapping[str, Any]) -> Row:
    """A row of a `Trace` with the values its columns take."""
    return {name: _value(table.c[name], value) for name, value in plain.items()}


def chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """The values, some hundred at a time."""
    return (values[first : first + CHUNK] for first in range(0, len(values), CHUNK))


def _plain(row: Mapping[str, Any]) -> Row:
    return {str(name): msgspec.to_builtins(value) for name, value in row.items()}


def _value(column: Column[Any], plain: Any) -> Any:
    return None if plain is None else msgspec.convert(plain, column.type.python_type, strict=False)
