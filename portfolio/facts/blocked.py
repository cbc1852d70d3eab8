"""For how many days work was in progress, and for how many of them it was blocked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Date, case, func, literal, select

from portfolio.facts.durations import WINDOW_DAYS
from portfolio.facts.spans import days_between, earlier_of, later_of
from portfolio.facts.states import V, counts, is_in_progress
from portfolio.model.structure import Project


class WorkDays(NamedTuple):
    """Days on whose end an item was in progress, added up over items, and those on whose end it was blocked, too."""

    in_progress: int = 0
    blocked: int = 0


def work_days(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, WorkDays]:
    """The days of work in the 90 days up to `as_of`, by project. What is a leaf is asked of the day itself."""
    begin, end = as_of - timedelta(days=WINDOW_DAYS - 1), as_of + timedelta(days=1)
    first, last = literal(begin, Date), literal(end, Date)
    days = days_between(later_of(V.valid_from, first), earlier_of(V.valid_to, last))
    blocked = func.coalesce(func.sum(case((V.flow == "blocked", days))), 0)
    projects = select(Project.id) if project_ids is None else project_ids
    statement = (
        select(V.project_id, func.sum(days), blocked)
        .where(V.project_id.in_(projects), V.valid_to > begin, V.valid_from < end, counts(), is_in_progress(as_of))
        .group_by(V.project_id)
    )
    return {project_id: WorkDays(int(all_), int(some)) for project_id, all_, some in connection.execute(statement)}
