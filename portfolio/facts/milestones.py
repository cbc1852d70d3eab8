"""The dated points of projects, each once, as far as they can be judged on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, select

from portfolio.facts.baselined import in_force
from portfolio.facts.states import AnySelect, V
from portfolio.model.named import named
from portfolio.model.work import Baseline, BaselineMilestone, Milestone, MilestoneVersion, WorkItem


class MilestoneDates(NamedTuple):
    """When it was to be, when it was (None: not yet), when it is expected now (None: nobody says)."""

    baseline: date | None
    finished_on: date | None
    due: date | None


def is_listed() -> ColumnElement[bool]:
    """The condition on `Milestone` under which it is a dated point of its own; for figures and lists alike.

    A project may keep a point twice, as a version of the tracker and as a milestone item that names the version. They
    are one point, and the item speaks for it: it has a history. The version is kept but not listed until that item is
    gone. Nor is a milestone whose item is gone from the tracker. Cancelled ones are listed; they count in no figure.
    """
    own = named(WorkItem, "own")
    gone = exists().where(own.id == Milestone.item_id, own.deleted_at.is_not(None))
    return and_(~_is_spoken_for(), ~gone.correlate(Milestone))


def _is_spoken_for() -> ColumnElement[bool]:
    speaker, item = named(Milestone, "speaker"), named(WorkItem, "speaking")
    spoken_for = exists().where(
        # A version and the items that name it are of one project: saying so lets an index find them.
        speaker.project_id == Milestone.project_id,
        speaker.connection_id == Milestone.connection_id,
        item.id == speaker.item_id,
        item.milestone_external_id == Milestone.external_id,
        item.deleted_at.is_(None),
    )
    return spoken_for.correlate(Milestone)


def baseline_due(day: date) -> ColumnElement[date | None]:
    """The day a milestone is held against: its due date in the baseline in force on the day, else the first one known.

    One that came after the baseline was taken is not in it, and has its own first due date.
    """
    due = (
        select(BaselineMilestone.due)
        .join(Baseline, Baseline.id == BaselineMilestone.baseline_id)
        .where(
            BaselineMilestone.milestone_id == Milestone.id, Baseline.project_id == Milestone.project_id, in_force(day)
        )
    )
    return func.coalesce(due.correlate(Milestone).scalar_subquery(), Milestone.baseline)


def points_on(day: date, project_ids: Collection[int] | None = None) -> AnySelect:
    """(project_id, finished_on, due, milestone_id) of each dated point that is not cancelled, as it was on the day.

    A milestone item is told as it was on that day, and only if it was there. Of other milestones trackers keep no
    history: when they were due is known from the day they were first read, and before that day counts what was read
    then. `finished_on` may lie after the day. A point that is kept twice is told once (see `is_listed`).
    """
    of_item, then = Milestone.item_id.is_not(None), named(MilestoneVersion, "then")
    first = select(MilestoneVersion.due).where(MilestoneVersion.milestone_id == Milestone.id)
    first_due = first.order_by(MilestoneVersion.valid_from).limit(1).scalar_subquery()
    project_id = case((of_item, V.project_id), else_=Milestone.project_id)
    unkept = func.coalesce(first_due, Milestone.due)
    statement: AnySelect = (
        select(
            project_id.label("project_id"),
            case((of_item, V.finished_on), else_=Milestone.finished_on).label("finished_on"),
            case((of_item, V.due), (then.valid_from.is_(None), unkept), else_=then.due).label("due"),
            Milestone.id.label("milestone_id"),
        )
        .outerjoin(V, and_(V.item_id == Milestone.item_id, V.valid_from <= day, V.valid_to > day))
        .outerjoin(then, and_(then.milestone_id == Milestone.id, then.valid_from <= day, then.valid_to > day))
        .where(
            project_id.is_not(None),
            case((of_item, V.category != "cancelled"), else_=Milestone.cancelled.is_(False)),
            ~_is_spoken_for(),
        )
    )
    return statement if project_ids is None else statement.where(project_id.in_(project_ids))


def milestones(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None
) -> dict[int, list[MilestoneDates]]:
    """The dated points of projects (`points_on`), by project; one reached after `as_of` is open on that day."""
    statement = points_on(as_of, project_ids).add_columns(baseline_due(as_of))
    result: dict[int, list[MilestoneDates]] = defaultdict(list)
    for project, finished_on, expected, _, baseline in connection.execute(statement):
        reached = finished_on if finished_on is not None and finished_on <= as_of else None
        result[project].append(MilestoneDates(baseline, reached, expected))
    return result
