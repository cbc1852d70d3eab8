"""What a story point is worth in hours: measured by project, from what its last sprints took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from portfolio.model.work import ItemSprint, Sprint, WorkItem

SPRINTS, MIN_SPRINTS = 6, 3
_YEAR = timedelta(days=366)
_HOUR = 3600


class Rate(NamedTuple):
    """Hours for a point: the median of the sprints that count, and the band in which the middle half of them lie."""

    hours: float
    low: float
    high: float
    sprints: int


def rates(connection: Connection, as_of: date) -> dict[int, Rate]:
    """The rate of every project that has one: time spent on the items that were finished in a sprint and have points,
    by these points, over the last six closed sprints of a year.

    Items on which no time was logged say nothing and are left out. Fewer than three sprints: no rate. Source: practice
    default; percentiles by nearest rank.
    """
    it = WorkItem
    measured = (it.points > 0, it.spent_s > 0, it.category == "done", it.is_leaf, it.deleted_at.is_(None))
    query = (
        select(it.project_id, func.sum(it.spent_s) / (func.sum(it.points) * _HOUR))
        .select_from(Sprint)
        .join(ItemSprint, ItemSprint.sprint_id == Sprint.id)
        .join(it, it.id == ItemSprint.item_id)
        .where(Sprint.end_on.between(as_of - _YEAR, as_of), it.finished_on.between(Sprint.start_on, Sprint.end_on))
        .where(*measured, it.project_id.is_not(None))
        .group_by(it.project_id, Sprint.id, Sprint.end_on)
        .order_by(it.project_id, Sprint.end_on, Sprint.id)
    )
    found: dict[int, list[float]] = defaultdict(list)
    measurements: Iterable[Any] = connection.execute(query)
    for project_id, hours in measurements:
        found[project_id].append(float(hours))
    last = ((project_id, sorted(each[-SPRINTS:])) for project_id, each in found.items())
    return {
        project_id: Rate(_rank(each, 50), _rank(each, 25), _rank(each, 75), len(each))
        for project_id, each in last
        if len(each) >= MIN_SPRINTS
    }


def _rank(values: Sequence[float], percent: int) -> float:
    return values[-(-percent * len(values) // 100) - 1]
