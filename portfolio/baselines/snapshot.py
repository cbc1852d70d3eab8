"""A plan as a table of its own: what a baseline kept, or what the items say at the end of a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from portfolio.facts.milestones import points_on
from portfolio.facts.plan import planned_start
from portfolio.facts.states import AnySelect, V, is_scope, standing
from portfolio.model.work import BaselineItem, BaselineMilestone


def items_of(baseline_id: int) -> AnySelect:
    """(item_id, start, finish, estimate_s, points) of each leaf item of a baseline."""
    dates = (BaselineItem.start, BaselineItem.finish)
    items: AnySelect = select(BaselineItem.item_id, *dates, BaselineItem.estimate_s, BaselineItem.points)
    return items.where(BaselineItem.baseline_id == baseline_id)


def items_on(project_id: int, day: date) -> AnySelect:
    """The same of a project at the end of a day. An item without a start begins on its parent's, or on its finish."""
    columns = (V.item_id, planned_start(day).label("start"), V.due.label("finish"), V.estimate_s, V.points)
    return standing(select(*columns), day, [project_id]).where(is_scope(day))


def milestones_of(baseline_id: int) -> AnySelect:
    """(milestone_id, due) of each dated point of a baseline."""
    points: AnySelect = select(BaselineMilestone.milestone_id, BaselineMilestone.due)
    return points.where(BaselineMilestone.baseline_id == baseline_id)


def milestones_on(project_id: int, day: date) -> AnySelect:
    """The same of a project on a day."""
    points = points_on(day, [project_id]).subquery("points")
    dated: AnySelect = select(points.c.milestone_id, points.c.due)
    return dated.where(points.c.due.is_not(None))
