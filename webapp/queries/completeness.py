"""Whether everything the trackers have is here: the items kept, beside the tracker's own count of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from portfolio.model.landing import SliceCount

_COUNT = SliceCount.__table__


@dataclass(frozen=True)
class Completeness:
    """Items of one connection, or of one project of it: `kept` here of `there`.

    `there` is the tracker's own count where it gives one, else the length of its list of ids (`counted` of `slices`
    were counted by the tracker). `checked_at` is the oldest of the countings it is made of.
    """

    slices: int
    counted: int
    there: int
    kept: int
    checked_at: datetime

    @property
    def missing(self) -> int:
        """How many more the tracker has; negative when more are kept than it has."""
        return self.there - self.kept


_SUMS = (
    func.count().label("slices"),
    func.count(_COUNT.c.told).label("counted"),
    func.sum(func.coalesce(_COUNT.c.told, _COUNT.c.listed)).label("there"),
    func.sum(_COUNT.c.kept).label("kept"),
    func.min(_COUNT.c.checked_at).label("checked_at"),
)


def by_connection(connection: Connection) -> dict[int, Completeness]:
    """Of every connection a census was taken of, by its id."""
    rows = connection.execute(select(_COUNT.c.connection_id, *_SUMS).group_by(_COUNT.c.connection_id))
    return {row[0]: Completeness(row[1], row[2], int(row[3]), int(row[4]), row[5]) for row in rows}


def of_refs(counted: Iterable[tuple[int, int | None, int, int, datetime]]) -> tuple[Completeness, ...]:
    """Of the tracker's projects that feed one project, taken together by connection.

    Each is (connection id, the tracker's own count, length of its list, items kept, when it was counted).
    """
    by_connection: dict[int, Completeness] = {}
    for connection_id, told, listed, kept, checked_at in counted:
        before = by_connection.get(connection_id, Completeness(0, 0, 0, 0, checked_at))
        by_connection[connection_id] = Completeness(
            before.slices + 1,
            before.counted + (told is not None),
            before.there + (listed if told is None else told),
            before.kept + kept,
            min(before.checked_at, checked_at),
        )
    return tuple(by_connection.values())
