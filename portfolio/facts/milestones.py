"""The dated points of projects, as far as they can be judged on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, select

from portfolio.facts.states import AnySelect
from portfolio.model.work import Milestone, WorkItem


class MilestoneDates(NamedTuple):
    """When it was to be, when it was (None: not yet), when it is expected now (None: nobody says)."""

    baseline: date | None
    finished_on: date | None
    due: date | None


def milestones(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None
) -> dict[int, list[MilestoneDates]]:
    """The milestones of projects that are not cancelled, by project.

    One reached after `as_of` is open on that day. `due` is today's, also for a past day: a milestone keeps no history
    of its forecast. Milestones whose item is gone from the tracker do not count.
    """
    statement: AnySelect = (
        select(Milestone.project_id, Milestone.baseline, Milestone.finished_on, Milestone.due)
        .outerjoin(WorkItem, WorkItem.id == Milestone.item_id)
        .where(Milestone.project_id.is_not(None), Milestone.cancelled.is_(False), WorkItem.deleted_at.is_(None))
    )
    if project_ids is not None:
        statement = statement.where(Milestone.project_id.in_(project_ids))
    result: dict[int, list[MilestoneDates]] = defaultdict(list)
    for project_id, baseline, finished_on, due in connection.execute(statement):
        reached = finished_on if finished_on is not None and finished_on <= as_of else None
        result[project_id].append(MilestoneDates(baseline, reached, due))
    return result
