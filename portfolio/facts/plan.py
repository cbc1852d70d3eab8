"""What was planned, when, and what of it is done: the current baseline, else a plan derived from the items.

Lines are pooled per pair of days; weights are estimated effort in seconds (EVM on light data, after ISO 21508: leaf
items carry the weight, a line without a start begins on its parent's start or, failing that, on its finish).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, select
from sqlalchemy.orm import aliased

from portfolio.facts.states import I, V, at, is_scope
from portfolio.model.work import Baseline, BaselineItem, WorkItem


class PlanLine(NamedTuple):
    """Work planned from `start` to `finish`, both included: its weight, and the part of the weight that is done."""

    start: date
    finish: date
    weight: int
    done: int


@dataclass(frozen=True)
class Plan:
    """`lines` cover `planned` of `items` leaf items; the rest has no date or no estimate. `derived`: no baseline."""

    lines: tuple[PlanLine, ...] = ()
    items: int = 0
    planned: int = 0
    derived: bool = True


@dataclass
class _Growing:
    derived: bool
    lines: list[PlanLine] = field(default_factory=list)
    items: int = 0
    planned: int = 0


def plans(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, Plan]:
    """The plan of each project that has a current baseline or any work."""
    derived = _pooled(connection.execute(_from_items(as_of, project_ids)), derived=True)
    baselined = _pooled(connection.execute(_from_baselines(as_of, project_ids)), derived=False)
    return derived | baselined


def _from_items(as_of: date, project_ids: Collection[int] | None) -> Any:
    parent = aliased(WorkItem, name="p")
    start = _start(V.start, V.due, parent.start)
    columns = (V.project_id, start, V.due)
    sums = _sums(V.estimate_s, V.due, V.category)
    return (
        at(select(*columns, *sums), as_of, project_ids)
        .outerjoin(parent, parent.id == I.parent_id)
        .where(is_scope(as_of))
        .group_by(*columns)
    )


def _from_baselines(as_of: date, project_ids: Collection[int] | None) -> Any:
    # Items deleted or cancelled since keep their weight until the project is baselined anew; they earn nothing.
    parent = aliased(WorkItem, name="p")
    start = _start(BaselineItem.start, BaselineItem.finish, parent.start)
    columns = (Baseline.project_id, start, BaselineItem.finish)
    sums = _sums(BaselineItem.estimate_s, BaselineItem.finish, V.category)
    statement = (
        select(*columns, *sums)
        .select_from(Baseline)
        .join(BaselineItem, BaselineItem.baseline_id == Baseline.id)
        .join(I, I.id == BaselineItem.item_id)
        .outerjoin(V, and_(V.item_id == I.id, V.valid_from <= as_of, V.valid_to > as_of))
        .outerjoin(parent, parent.id == I.parent_id)
        .where(in_force(as_of))
        .group_by(*columns)
    )
    return statement if project_ids is None else statement.where(Baseline.project_id.in_(project_ids))


def in_force(as_of: date) -> ColumnElement[bool]:
    """The condition on `Baseline` for the one in force on the day, of each project."""
    later = aliased(Baseline)
    newer = exists().where(
        later.project_id == Baseline.project_id,
        later.state == "approved",
        later.taken_on <= as_of,
        later.version > Baseline.version,
    )
    return and_(Baseline.state == "approved", Baseline.taken_on <= as_of, ~newer.correlate(Baseline))


def _start(own: Any, finish: Any, parents: Any) -> ColumnElement[Any]:
    return case(
        (and_(own.is_not(None), own <= finish), own),
        (and_(own.is_(None), parents < finish), parents),
        else_=finish,
    )


def _sums(weight: Any, finish: Any, category: Any) -> tuple[ColumnElement[Any], ...]:
    """Items, items with date and weight, weight, weight done."""
    planned = and_(finish.is_not(None), weight > 0)
    return (
        func.count(),
        func.count().filter(planned),
        func.coalesce(func.sum(case((planned, weight), else_=0)), 0),
        func.coalesce(func.sum(case((and_(planned, category == "done"), weight), else_=0)), 0),
    )


def _pooled(rows: Iterable[Any], *, derived: bool) -> dict[int, Plan]:
    growing: dict[int, _Growing] = defaultdict(lambda: _Growing(derived))
    for project_id, start, finish, items, planned, weight, done in rows:
        plan = growing[project_id]
        plan.items += items
        plan.planned += planned
        if planned:
            plan.lines.append(PlanLine(start, finish, int(weight), int(done)))
    return {
        project_id: Plan(tuple(plan.lines), plan.items, plan.planned, plan.derived)
        for project_id, plan in growing.items()
    }
