"""How much work was finished in each of the weeks that are over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sqlalchemy import Connection, Date, func, literal, select

from portfolio.calendar import end_of_last_full_week
from portfolio.facts.spans import days_between
from portfolio.facts.states import V, is_finished, standing

HISTORY_WEEKS = 40
"""Weeks a forecast can be tried on: twelve it draws from, and twenty-eight to see whether it came out."""


def paces(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None
) -> dict[int, tuple[int, ...]]:
    """Work finished in each of the last 40 ISO weeks that are over, oldest first, weeks of zero kept, by project.

    Counted by the last time it became done, and still done on the day. Projects that finished nothing are left out.
    Weeks before there was any work are zeros here, too.
    """
    sunday = end_of_last_full_week(as_of)
    first = sunday - timedelta(days=7 * HISTORY_WEEKS - 1)
    week = (days_between(literal(first, Date), V.finished_on) // 7).label("week")
    statement = (
        standing(select(V.project_id, week, func.count()), as_of, project_ids)
        .where(is_finished(as_of), V.finished_on.between(first, sunday))
        .group_by(V.project_id, week)
    )
    found: dict[int, list[int]] = defaultdict(lambda: [0] * HISTORY_WEEKS)
    for project_id, place, items in connection.execute(statement):
        found[project_id][place] = items
    return {project_id: tuple(weeks) for project_id, weeks in found.items()}


def since_work(pace: Sequence[int] | None, as_of: date, first_day: date | None) -> tuple[int, ...]:
    """The weeks of a pace (None: nothing was finished in any) since there is work, its first week included."""
    if first_day is None:
        return ()
    first_monday = first_day - timedelta(days=first_day.weekday())
    weeks = (end_of_last_full_week(as_of) - first_monday).days // 7 + 1
    return tuple(pace or (0,) * HISTORY_WEEKS)[HISTORY_WEEKS - max(0, min(weeks, HISTORY_WEEKS)) :]
