"""How long work took and takes, as counts per pair of days: small enough to pool over projects, exact for percentiles.

Not single items: what was started and finished on the same days is one row with a count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from portfolio.facts.spans import days_between
from portfolio.facts.states import V, is_finished, is_in_progress, is_work, standing

# Twelve full weeks back from the last day of a week.
WINDOW_DAYS = 90


class Finished(NamedTuple):
    """`items` items started (None: never seen in progress) and finished on these days."""

    started_on: date | None
    finished_on: date
    items: int


class Lead(NamedTuple):
    """`items` items were finished so many calendar days after they were created, both days counted."""

    days: int
    items: int


class Running(NamedTuple):
    """`items` items in progress since a day (None: not known since when)."""

    started_on: date | None
    items: int


def finished(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None
) -> dict[int, list[Finished]]:
    """The work finished in the 90 days up to `as_of` and still done, by project."""
    columns = (V.project_id, V.started_on, V.finished_on)
    recent = V.finished_on.between(as_of - timedelta(days=WINDOW_DAYS - 1), as_of)
    statement = (
        standing(select(*columns, func.count()), as_of, project_ids)
        .where(is_finished(as_of), recent)
        .group_by(*columns)
    )
    result: dict[int, list[Finished]] = defaultdict(list)
    for project_id, started_on, finished_on, count in connection.execute(statement):
        result[project_id].append(Finished(started_on, finished_on, count))
    return result


def leads(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, list[Lead]]:
    """The work finished in the 90 days up to `as_of` and still done, by project and by the days since its creation."""
    days = days_between(V.created_on, V.finished_on) + 1
    recent = V.finished_on.between(as_of - timedelta(days=WINDOW_DAYS - 1), as_of)
    statement = (
        standing(select(V.project_id, days, func.count()), as_of, project_ids)
        .where(is_finished(as_of), recent, V.created_on <= V.finished_on)
        .group_by(V.project_id, days)
    )
    result: dict[int, list[Lead]] = defaultdict(list)
    for project_id, *row in connection.execute(statement):
        result[project_id].append(Lead(*row))
    return result


def running(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None
) -> dict[int, list[Running]]:
    """The work in progress at the end of `as_of`, by project and by the day it was started."""
    columns = (V.project_id, V.started_on)
    statement = (
        standing(select(*columns, func.count()), as_of, project_ids).where(is_in_progress(as_of)).group_by(*columns)
    )
    result: dict[int, list[Running]] = defaultdict(list)
    for project_id, started_on, count in connection.execute(statement):
        result[project_id].append(Running(started_on, count))
    return result


class Team(NamedTuple):
    """`people` have work in progress; `first_day` is when the first work of the project was created."""

    people: int
    first_day: date


def teams(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, Team]:
    """Who is at work, and since when there is work, by project."""
    busy = func.count(V.assignee_id.distinct()).filter(is_in_progress(as_of))
    statement = (
        standing(select(V.project_id, busy, func.min(V.created_on)), as_of, project_ids)
        .where(is_work(as_of))
        .group_by(V.project_id)
    )
    return {project_id: Team(people, first_day) for project_id, people, first_day in connection.execute(statement)}
