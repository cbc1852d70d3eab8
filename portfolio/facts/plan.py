"""What was planned, when, and what of it is earned: the baseline in force, else a plan derived from the items.

Weights are estimated effort, points, or one for each item, as `units` has it (EVM on light data, after ISO 21508). Leaf
items carry the weight; a line without a start begins on its parent's start or, failing that, on its finish. Items that
are not in the baseline earn nothing; those deleted or cancelled since keep their weight until the project is baselined
anew, and earn nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from portfolio.calendar import WorkCalendar
from portfolio.facts.baselined import Baselined, baseline_weight, baselined, in_force
from portfolio.facts.curve import Curve, Curves, PlanLine
from portfolio.facts.earned import DEFAULT, part_earned
from portfolio.facts.money import Money, money
from portfolio.facts.over_days import Asked
from portfolio.facts.states import V, is_scope, standing
from portfolio.facts.units import HOURS, IN_HOURS, Units
from portfolio.model.named import named
from portfolio.model.structure import Project
from portfolio.model.work import Baseline, BaselineItem, ItemVersion, WorkItem


@dataclass(frozen=True)
class Plan:
    """`curve` covers `planned` of `items` leaf items; the rest has no date or no weight. `derived`: no baseline.

    The curve and `earned` are in parts of `unit`: that of the baseline, or what is set where the plan is derived;
    `earned` is to the part. `completed_on` is the day the last planned item was done, None while one is not. `rate` is
    what an hour of it is worth: the baseline's, or the project's present one where the plan is derived.
    """

    curve: Curve = field(default_factory=Curve)
    items: int = 0
    planned: int = 0
    earned: int = 0
    derived: bool = True
    completed_on: date | None = None
    method: str = DEFAULT
    rate: Money | None = None
    unit: str = HOURS


def plans(
    connection: Connection,
    as_of: date,
    project_ids: Collection[int] | None = None,
    calendar: WorkCalendar | None = None,
    over: Asked | None = None,
    units: Units = IN_HOURS,
) -> dict[int, Plan]:
    """The plan of each project that has a baseline in force or any work. `over` are the days that are asked about with
    this one; `units` is what is set for plans without a baseline."""
    calendar = calendar or WorkCalendar()
    over = over or Asked(connection, (as_of,), project_ids)
    terms = _terms(connection, as_of, project_ids, units)
    derived = _derived(connection.execute(_from_items(as_of, project_ids, units)), terms, Curves(calendar))
    earned = connection.execute(_from_baselines(as_of, project_ids))
    return derived | _kept(earned, over.on(as_of, baselined), terms, calendar)


class _Terms(NamedTuple):
    """What a project agreed on: its method, its own rate and unit, and those of its baseline."""

    method: str = DEFAULT
    own: Money | None = None
    baselined: Money | None = None
    unit: str = HOURS
    baselined_unit: str = HOURS


def _terms(connection: Connection, as_of: date, project_ids: Collection[int] | None, units: Units) -> dict[int, _Terms]:
    statement = select(
        Project.id,
        Project.ev_method,
        Project.plan_rate,
        Project.plan_rate_currency,
        Baseline.plan_rate,
        Baseline.currency,
        units.of_project(),
        Baseline.unit,
    ).outerjoin(Baseline, and_(Baseline.project_id == Project.id, in_force(as_of)))
    if project_ids is not None:
        statement = statement.where(Project.id.in_(project_ids))
    return {
        project_id: _Terms(
            method or DEFAULT, money(amount, currency), money(then_amount, then_currency), unit, then_unit or HOURS
        )
        for project_id, method, amount, currency, then_amount, then_currency, unit, then_unit in connection.execute(
            statement
        )
    }


def _from_items(as_of: date, project_ids: Collection[int] | None, units: Units) -> Any:
    # A start that is looked up is one column here and one below, so that it is looked up once.
    baselined = select(Baseline.project_id).where(in_force(as_of))
    columns = (V.project_id, planned_start(as_of).label("start"), V.due)
    weight = units.weight(V.project_id, V.estimate_s, V.points)
    parts = _parts(weight, V.estimate_s, V.due, V.project_id, as_of)
    each = standing(select(*columns, *parts), as_of, project_ids)
    return _summed(each.where(is_scope(as_of), V.project_id.not_in(baselined)), "project_id", "start", "due")


def _from_baselines(as_of: date, project_ids: Collection[int] | None) -> Any:
    parts = _parts(baseline_weight(), BaselineItem.estimate_s, BaselineItem.finish, Baseline.project_id, as_of)
    each = (
        select(Baseline.project_id, BaselineItem.baseline_id, *parts)
        .select_from(Baseline)
        .join(BaselineItem, BaselineItem.baseline_id == Baseline.id)
        .outerjoin(V, and_(V.item_id == BaselineItem.item_id, V.valid_from <= as_of, V.valid_to > as_of))
        .where(in_force(as_of))
    )
    if project_ids is not None:
        each = each.where(Baseline.project_id.in_(project_ids))
    return _summed(each, "project_id", "baseline_id")


def planned_start(day: date) -> ColumnElement[Any]:
    """When an item (a state `V`) of a plan begins: on its start, else on its parent's; never after its due date."""
    parent, item = named(ItemVersion, "parent"), named(WorkItem, "child")
    above = (
        select(parent.start)
        .join(item, item.parent_id == parent.item_id)
        .where(item.id == V.item_id, parent.valid_from <= day, parent.valid_to > day, parent.start < V.due)
        .correlate(V)
    )
    return case(
        (and_(V.start.is_not(None), V.start <= V.due), V.start),
        (and_(V.start.is_(None), V.due.is_not(None)), func.coalesce(above.scalar_subquery(), V.due)),
        else_=V.due,
    )


def _parts(weight: Any, estimate: Any, finish: Any, project_id: Any, day: date) -> tuple[ColumnElement[Any], ...]:
    """What an item adds: whether it is planned, its weight, whether it is done and when, and what it has earned of it
    while in progress."""
    planned = and_(finish.is_not(None), weight > 0)
    done = and_(planned, V.category == "done")
    return (
        case((planned, 1), else_=0).label("planned"),
        case((planned, weight), else_=0).label("weight"),
        case((done, 1), else_=0).label("done"),
        case((done, V.finished_on)).label("last"),
        case((planned, part_earned(project_id, weight, estimate, day)), else_=0.0).label("part"),
    )


def _summed(each: Any, *names: str) -> Any:
    """Items; those planned, their weight; those done, their weight, the last day one was; what the others earned."""
    rows = each.subquery()
    columns = [rows.c[name] for name in names]
    done_weight = case((rows.c.done == 1, rows.c.weight), else_=0)
    return select(
        *columns,
        func.count(),
        func.sum(rows.c.planned),
        func.sum(rows.c.weight),
        func.sum(rows.c.done),
        func.sum(done_weight),
        func.max(rows.c.last),
        func.sum(rows.c.part),
    ).group_by(*columns)


@dataclass
class _Growing:
    lines: list[PlanLine] = field(default_factory=list)
    items: int = 0
    planned: int = 0
    done_items: int = 0
    done: int = 0
    in_progress: float = 0.0
    last: date | None = None


def _derived(rows: Iterable[Any], terms: Mapping[int, _Terms], curves: Curves) -> dict[int, Plan]:
    growing: dict[int, _Growing] = {}
    for project_id, start, finish, items, planned, weight, done_items, done, last, in_progress in rows:
        plan = growing.get(project_id)
        if plan is None:
            plan = growing[project_id] = _Growing()
        plan.items += items
        if planned:
            plan.planned += int(planned)
            plan.done_items += int(done_items)
            plan.done += int(done)
            plan.in_progress += in_progress
            plan.lines.append(PlanLine(start, finish, int(weight)))
            if last is not None and (plan.last is None or last > plan.last):
                plan.last = last
    found: dict[int, Plan] = {}
    for project_id, plan in growing.items():
        own = terms.get(project_id, _Terms())
        found[project_id] = Plan(
            curve=curves.of(plan.lines) if plan.lines else Curve(),
            items=plan.items,
            planned=plan.planned,
            earned=plan.done + round(plan.in_progress),
            derived=True,
            completed_on=plan.last if plan.done_items == plan.planned else None,
            method=own.method,
            rate=own.own,
            unit=own.unit,
        )
    return found


def _kept(
    rows: Iterable[Any], baselines: Mapping[int, Baselined], terms: Mapping[int, _Terms], calendar: WorkCalendar
) -> dict[int, Plan]:
    found: dict[int, Plan] = {}
    for project_id, baseline_id, items, planned, _, done_items, done, last, in_progress in rows:
        own = terms.get(project_id, _Terms())
        found[project_id] = Plan(
            curve=baselines[baseline_id].curve(calendar) if baseline_id in baselines else Curve(),
            items=items,
            planned=int(planned),
            earned=int(done) + round(in_progress),
            derived=False,
            completed_on=last if done_items == planned else None,
            method=own.method,
            rate=own.baselined,
            unit=own.baselined_unit,
        )
    return found
