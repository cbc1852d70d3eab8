"""What part of an item's weight is earned, by the method its project uses (EVM on light data, after ISO 21508).

Done earns all of it, not begun none. In between the methods differ: zero_hundred (the default) nothing, fifty_fifty
half, time_ratio spent / (spent + remaining), percent_field what the item's field says, child_ratio the share of its
children that are done. Conditions over `states.V`; no query is run here.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Float, and_, case, cast, func, select

from portfolio.facts.states import V
from portfolio.model.mapping import ItemAttribute
from portfolio.model.named import named
from portfolio.model.structure import Project
from portfolio.model.work import ItemVersion, WorkItem, Worklog

METHODS = ("zero_hundred", "fifty_fifty", "time_ratio", "percent_field", "child_ratio")
DEFAULT = METHODS[0]
NOT_KEPT = frozenset({"percent_field"})
"""Methods that rest on what is known of the present only."""


def part_earned(project_id: Any, weight: Any, estimate: Any, day: date) -> ColumnElement[Any]:
    """What an item in progress has earned of its weight, as a number with a fraction; 0 for every other item.

    `estimate` is what was planned of it in seconds, for a ratio of time where the item has no estimate any more.
    """

    def uses(method: str) -> ColumnElement[bool]:
        return column.in_(select(Project.id).where(Project.ev_method == method))

    column: ColumnElement[Any] = project_id
    share = case(
        (uses("fifty_fifty"), 0.5),
        (uses("time_ratio"), _time_ratio(estimate, day)),
        (uses("percent_field"), _percent()),
        (uses("child_ratio"), _child_ratio(day)),
        else_=0.0,
    )
    return case((V.category == "in_progress", cast(weight, Float) * func.coalesce(share, 0.0)), else_=0.0)


def logged_on(day: date) -> ColumnElement[bool]:
    """The condition on `Worklog` for time that counts at the end of the day: spent by then, more than nothing, and not
    rejected. Time below zero is never taken off other time: trackers correct a worklog itself."""
    return and_(Worklog.work_date <= day, Worklog.rejected.is_(False), Worklog.seconds > 0)


def _time_ratio(planned: Any, day: date) -> ColumnElement[Any]:
    """Spent / (spent + remaining). Where nobody says what remains, it is what is not spent of the estimate; without
    either there is no ratio."""
    spent = func.coalesce(func.sum(cast(Worklog.seconds, Float)), 0.0)
    estimate = cast(func.coalesce(V.estimate_s, planned), Float)
    unspent = case((estimate > spent, estimate - spent), (estimate.is_not(None), 0.0))
    left = func.coalesce(cast(V.remaining_s, Float), unspent)
    ratio = spent / func.nullif(spent + left, 0.0)
    return select(ratio).where(Worklog.item_id == V.item_id, logged_on(day)).scalar_subquery()


def _percent() -> ColumnElement[Any]:
    number = cast(ItemAttribute.number, Float)
    kept = case((number > 1, 1.0), (number < 0, 0.0), else_=number)
    own = (ItemAttribute.item_id == V.item_id, ItemAttribute.name == "percent")
    return select(kept).where(*own).scalar_subquery()


def _child_ratio(day: date) -> ColumnElement[Any]:
    child, state = named(WorkItem, "child"), named(ItemVersion, "child_state")
    done = func.count().filter(state.category == "done")
    standing = (
        child.parent_id == V.item_id,
        func.coalesce(child.parent_since, child.created_on) <= day,
        state.item_id == child.id,
        state.valid_from <= day,
        state.valid_to > day,
        state.category != "cancelled",
    )
    return select(cast(done, Float) / func.nullif(cast(func.count(), Float), 0.0)).where(*standing).scalar_subquery()
