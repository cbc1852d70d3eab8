"""The milestones of a project, as they are judged by the figures beside them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from portfolio.facts.gather import Day
from portfolio.facts.milestones import MilestoneDates, baseline_due, is_listed
from portfolio.kpis.milestones import slip
from portfolio.model.work import Milestone, WorkItem


@dataclass(frozen=True)
class MilestoneLine:
    """A milestone with the due date it is held against (`baseline`) and the current one.

    `state` is cancelled, reached, overdue, ahead or undated. `slip` is in working days, negative when early, as SCH-07
    counts it; None where it cannot be told.
    """

    id: int
    project_id: int
    name: str
    url: str | None
    baseline: date | None
    due: date | None
    finished_on: date | None
    state: str
    slip: int | None


def milestones_of(connection: Connection, project_ids: Collection[int], day: Day) -> tuple[MilestoneLine, ...]:
    """The milestones of these projects as of the end of a day, by due date, those without one last."""
    as_of = day.as_of
    rows = connection.execute(
        select(
            Milestone.id,
            Milestone.project_id,
            Milestone.name,
            func.coalesce(Milestone.url, WorkItem.url),
            baseline_due(as_of).label("baseline"),
            Milestone.due,
            Milestone.finished_on,
            Milestone.cancelled,
        )
        .outerjoin(WorkItem, WorkItem.id == Milestone.item_id)
        .where(Milestone.project_id.in_(project_ids), is_listed())
        .order_by(Milestone.due.asc().nulls_last(), Milestone.name, Milestone.id)
    )
    return tuple(
        MilestoneLine(
            milestone_id,
            project_id or 0,
            name,
            url,
            baseline,
            due,
            finished_on,
            "cancelled" if cancelled else _state(due, finished_on, as_of),
            None if cancelled else slip(MilestoneDates(baseline, finished_on, due), day),
        )
        for milestone_id, project_id, name, url, baseline, due, finished_on, cancelled in rows
    )


def _state(due: date | None, finished_on: date | None, as_of: date) -> str:
    if finished_on is not None:
        return "reached"
    if due is None:
        return "undated"
    return "overdue" if due < as_of else "ahead"
