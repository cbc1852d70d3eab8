"""Predicates that ask how many rows there are, or how often something happened."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import and_, false, func, or_, select, true
from sqlalchemy.orm import aliased

from portfolio.facts.gather import Day
from portfolio.facts.states import I
from portfolio.governance.predicates import sources
from portfolio.governance.predicates.asking import Json, meant, meant_if_given
from portfolio.governance.predicates.declare import Check, Passes, predicate
from portfolio.governance.rules import Part, Step
from portfolio.governance.working_days import last_of_age
from portfolio.model.governance import RuleResult, Waiver
from portfolio.model.structure import Project
from portfolio.model.work import FieldChange, Milestone, Worklog

_AFTER_CLOSE = 5
"""Working days in which time may still be logged on a project that closed."""


class NoneExists(Part, frozen=True, kw_only=True):
    """`among`: the items that are looked at; `filter`: those of them that must not be."""

    entity: Literal["item", "expired_waiver", "late_worklog"] = "item"
    among: Json = {}
    filter: Json = {}


@predicate("none_exists", NoneExists)
def none_exists(params: NoneExists, day: Day) -> Check:
    """None of the rows is as it must not be."""
    if params.entity == "expired_waiver":
        relied_on = and_(Waiver.valid_to < day.as_of, RuleResult.outcome.in_(("fail", "waived")))
        return Check(sources.expired_waivers(), true(), relied_on, step=Step.OF_WAIVERS)
    if params.entity == "late_worklog":
        late = and_(Project.actual_finish.is_not(None), Worklog.work_date > Project.actual_finish)
        settled = Project.actual_finish <= last_of_age(day.calendar, day.as_of, _AFTER_CLOSE)
        return Check(sources.worklogs(day), true(), and_(late, settled))
    return Check(sources.items(day), meant(params.among, day, "among"), meant(params.filter, day))


class CountGe(Part, frozen=True, kw_only=True):
    """`among`: the items that are looked at; `filter`: those of them that count. `every`: all must."""

    entity: Literal["item", "milestone", "objective"] = "item"
    among: Json | None = None
    filter: Json = {}
    n: int = 1
    every: bool = False


@predicate("count_ge", CountGe)
def count_ge(params: CountGe, day: Day) -> Check:
    """There are at least so many of these rows."""
    passes = Passes(number=params.n, every=params.every)
    if params.entity == "milestone":
        undated = or_(Milestone.due.is_(None), Milestone.baseline.is_(None))
        return Check(sources.milestones(), true(), undated, passes)
    if params.entity == "objective":
        return Check(sources.objectives(day), true(), false(), passes)
    counts = meant(params.filter, day)
    asked = counts if params.among is None else meant(params.among, day, "among")
    return Check(sources.items(day), asked, ~counts, passes)


class ChangeCountLe(Part, frozen=True, kw_only=True):
    """`field`: due. A change counts where it moved the date to a later one."""

    filter: Json = {}
    field: Literal["due"] = "due"
    n: int = 2
    unless: Json | None = None


@predicate("change_count_le", ChangeCountLe)
def change_count_le(params: ChangeCountLe, day: Day) -> Check:
    """No item's date was put off more often than so many times without what excuses it."""
    change = aliased(FieldChange)
    # Dates are kept as ISO texts, which are in the order of the days.
    later = select(func.count()).where(change.item_id == I.id, change.field == params.field, change.new > change.old)
    fails = and_(later.correlate(I).scalar_subquery() > params.n, ~meant_if_given(params.unless, day, "unless"))
    return Check(sources.items(day), meant(params.filter, day), fails)
