"""Sources that answer for many days from one reading.

`@over_days` declares one: a function (connection, days, project_ids) -> by day, what it tells of each project. Called
like any other source, with one day, it answers for that day: the case of one day. `Asked` are the days and projects
that are asked about together; it lets each such source read once, when it is first needed.

In SQL a row counts from a position in the days up to another (`position`), so that the database adds up all rows that
count on the same days.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Generic, TypeAlias, TypeVar, cast

from sqlalchemy import ColumnElement, Connection, Integer, case, literal_column

T = TypeVar("T")
Told: TypeAlias = Mapping[date, Mapping[Any, T]]
"""By day, and there by project."""
Reads: TypeAlias = Callable[[Connection, Sequence[date], Collection[int] | None], Told[T]]


class OverDays(Generic[T]):
    """A source that reads many days at once. `days` are in order, each once."""

    def __init__(self, reads: Reads[T]) -> None:
        self.reads = reads
        self.__doc__ = reads.__doc__

    def __call__(
        self, connection: Connection, as_of: date, project_ids: Collection[int] | None = None
    ) -> Mapping[Any, T]:
        """What it tells of each project on one day."""
        return self.reads(connection, (as_of,), project_ids)[as_of]


def over_days(reads: Reads[T]) -> OverDays[T]:
    """Declare a source that reads many days at once."""
    return OverDays(reads)


class Asked:
    """Days and projects (None: all) that are asked about together, and what was read of them so far."""

    def __init__(
        self, connection: Connection, days: Collection[date], project_ids: Collection[int] | None = None
    ) -> None:
        self._connection = connection
        self._days = tuple(sorted(set(days)))
        self._project_ids = project_ids
        self._told: dict[OverDays[Any], Told[Any]] = {}

    def on(self, day: date, source: OverDays[T]) -> Mapping[Any, T]:
        """What a source tells of each project on one of the days."""
        if source not in self._told:
            self._told[source] = source.reads(self._connection, self._days, self._project_ids)
        return cast(Mapping[Any, T], self._told[source][day])


def position(dates: Any, days: Sequence[date], add: int = 0) -> ColumnElement[int]:
    """How many of the days lie before each date so many days later: the first that counts, or the first no more."""
    places = ((dates <= day - timedelta(days=add), literal_column(str(at), Integer)) for at, day in enumerate(days))
    return case(*places, else_=literal_column(str(len(days)), Integer))
