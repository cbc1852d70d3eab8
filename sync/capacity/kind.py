"""What a table of capacity is about. A new kind is one module and one line in `sync.capacity.kinds`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Column, Connection, Table, delete, tuple_

from portfolio.audit.entry import Actor
from portfolio.bookings.known import Known as Names
from portfolio.faults import Fault
from portfolio.store.locks import Lock
from sync.capacity.cells import Cells
from sync.merge import chunks

Key: TypeAlias = tuple[Any, ...]
Value: TypeAlias = tuple[Any, ...]
Standing: TypeAlias = Mapping[Key, Value]
Cell: TypeAlias = str | int | float | None
WHO_HEAD = ("number", "person")
"""The columns of a file given out that say who a row is about."""


class Row(NamedTuple):
    """What a row says: about what, and what of it; None takes back what stands."""

    key: Key
    value: Value | None


class Known(NamedTuple):
    """What a row may name beside its person, with its number; which projects are over, who works here, and the roles
    and skills there are: others may be `meant`. The table is taken in `now`, `by` whom."""

    calendars: Mapping[str, int]
    projects: Mapping[str, int]
    over: frozenset[str]
    active: frozenset[int]
    now: datetime
    by: Actor
    names: Names
    meant: bool = False


@dataclass(frozen=True)
class Dated:
    """What holds from a day on: the last part of its key is that day, the first of its value the day it ends before.

    A row of a file without an end (None) ends where the next one about the same begins. From its first row on a file
    says all of it; what was before stays. `before` is what holds until then where nothing was told at all.
    """

    before: Value | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of table. The `needed` ones of its `columns` have to be there; `about_persons`: who a row is about stands
    in columns of its own before them.

    `read` makes of a row, and the number of its person (else 0), what it says; what is wrong it tells the cells.
    `standing` is what is kept, `write` writes what is different and deletes what is gone. `cells` are those of what
    stands, in the order of the columns; a person's number is the first part of the key. `fixed` are keys that no file
    changes, since a tracker tells of them; `refuse` says what is wrong with a row beside what stands of the same.
    `differs` are days from which on capacity would be another by what is to be written and what is to go: of persons
    alone, where it is about them. That a file was taken in is noted as `action`; `locks` are held meanwhile.
    """

    name: str
    columns: tuple[str, ...]
    needed: frozenset[str]
    about_persons: bool
    read: Callable[[Cells, int, Known], Row]
    standing: Callable[[Connection], Standing]
    write: Callable[[Connection, Standing, Collection[Key], Known], None]
    cells: Callable[[Key, Value], Sequence[Cell]]
    dated: Dated | None = None
    fixed: Callable[[Connection], Collection[Key]] | None = None
    refuse: Callable[[Row, Value | None, Known], Iterable[Fault]] | None = None
    differs: Callable[[Connection, Standing, Collection[Key]], Collection[date]] | None = None
    action: str = "capacity.imported"
    locks: tuple[Lock, ...] = (Lock.PEOPLE,)

    @property
    def told(self) -> str:
        """What it is of, in words."""
        return self.name.replace("-", " ")

    @property
    def head(self) -> tuple[str, ...]:
        """The first row of a file given out."""
        return (*WHO_HEAD, *self.columns) if self.about_persons else self.columns


def delete_keys(store: Connection, table: Table, columns: Sequence[Column[Any]], keys: Collection[Key]) -> None:
    """Delete the rows with these keys."""
    for some in chunks(sorted(keys)):
        store.execute(delete(table).where(tuple_(*columns).in_(some)))
