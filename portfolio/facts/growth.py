"""How the work of a project differs from its baseline in force: what came, what went, what was estimated anew.

Work that came is approved when a change request that was approved stands behind it: the item hangs below that request,
or is linked with it. Links keep no history: those of the present count on every day. A parent counts from the day the
item hangs on it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select

from portfolio.facts.baselined import baseline_weight, in_force
from portfolio.facts.changes import approved_ids
from portfolio.facts.states import I, V, at, is_scope
from portfolio.facts.units import HOURS, weighed
from portfolio.model.work import Baseline, BaselineItem, Dependency


@dataclass(frozen=True)
class Growth:
    """Weights are in parts of `unit`, the baseline's. `weighted` of the `added` items have one; `approved` is the
    weight of those behind which an approved change stands. `resized`: a weight more than a fifth off its baseline's.
    `lived` is 1 where the baseline is older than the day: on its own day nothing can have grown.
    """

    unit: str = HOURS
    items: int = 0
    weight: int = 0
    removed: int = 0
    resized: int = 0
    lived: int = 0
    added: int = 0
    weighted: int = 0
    added_weight: int = 0
    approved_weight: int = 0


def growth(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, Growth]:
    """By project, for those with a baseline in force."""
    came = {row[0]: tuple(map(int, row[1:])) for row in connection.execute(_came(as_of, project_ids))}
    return {
        project_id: Growth(unit, *map(int, kept), *came.get(project_id, ()))
        for project_id, unit, *kept in connection.execute(_kept(as_of, project_ids))
    }


def _of_projects(statement: Any, project_ids: Collection[int] | None) -> Any:
    return statement if project_ids is None else statement.where(Baseline.project_id.in_(project_ids))


def _kept(as_of: date, project_ids: Collection[int] | None) -> Any:
    gone = or_(V.item_id.is_(None), V.category == "cancelled")
    then, now = baseline_weight(), weighed(Baseline.unit, V.estimate_s, V.points)
    resized = and_(~gone, then > 0, or_(now * 5 > then * 6, now * 5 < then * 4))
    statement = (
        select(
            Baseline.project_id,
            func.max(Baseline.unit),
            func.count(),
            func.coalesce(func.sum(then), 0),
            func.count().filter(gone),
            func.count().filter(resized),
            func.max(case((Baseline.taken_on < as_of, 1), else_=0)),
        )
        .select_from(Baseline)
        .join(BaselineItem, BaselineItem.baseline_id == Baseline.id)
        .outerjoin(V, and_(V.item_id == BaselineItem.item_id, V.valid_from <= as_of, V.valid_to > as_of))
        .where(in_force(as_of))
        .group_by(Baseline.project_id)
    )
    return _of_projects(statement, project_ids)


def _came(as_of: date, project_ids: Collection[int] | None) -> Any:
    weight = func.coalesce(weighed(Baseline.unit, V.estimate_s, V.points), 0)
    baselined = exists().where(BaselineItem.baseline_id == Baseline.id, BaselineItem.item_id == V.item_id)
    statement = at(
        select(
            Baseline.project_id,
            func.count(),
            func.count().filter(weight > 0),
            func.sum(weight),
            func.sum(case((_approved(as_of, project_ids), weight), else_=0)),
        ),
        as_of,
        project_ids,
    )
    return (
        statement.join(Baseline, and_(Baseline.project_id == V.project_id, in_force(as_of)))
        .where(is_scope(as_of), ~baselined.correlate(Baseline, V))
        .group_by(Baseline.project_id)
    )


def _approved(day: date, project_ids: Collection[int] | None) -> ColumnElement[bool]:
    # In a select of its own, so that its states are not those of the items around it.
    requests = approved_ids(day, project_ids).subquery()
    ids = select(requests.c.item_id)
    after = select(Dependency.to_item_id).where(Dependency.from_item_id.in_(ids), Dependency.to_item_id.is_not(None))
    before = select(Dependency.from_item_id).where(Dependency.to_item_id.in_(ids), Dependency.from_item_id.is_not(None))
    below = and_(I.parent_id.in_(ids), func.coalesce(I.parent_since, V.created_on) <= day)
    return or_(below, V.item_id.in_(after), V.item_id.in_(before))
