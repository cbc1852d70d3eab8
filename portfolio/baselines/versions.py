"""The baselines of a project, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, func, select

from portfolio.facts.baselined import baseline_weight, in_force
from portfolio.facts.units import PARTS
from portfolio.model.work import Baseline, BaselineItem, BaselineMilestone


@dataclass(frozen=True)
class Version:
    """A baseline as a line of a list; `seconds` is the effort it plans, `in_force` that it counts.

    `weight` is what it plans in `unit`: hours, points or items. It is as many parts as `portfolio.facts.units` has it.
    """

    id: int
    version: int
    state: str
    taken_on: date
    reason: str
    proposed_by: str
    proposed_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    self_approved: bool
    plan_rate: Decimal | None
    currency: str | None
    items: int
    seconds: int
    finish: date | None
    milestones: int
    in_force: bool
    unit: str
    weight: int

    @property
    def planned(self) -> float:
        """What it plans, in its unit."""
        return self.weight / PARTS


def versions(store: Connection, project_id: int, today: date) -> tuple[Version, ...]:
    """All of them, those that were proposed or rejected included."""
    of = BaselineItem.baseline_id == Baseline.id
    items = select(func.count()).where(of).correlate(Baseline).scalar_subquery()
    seconds = select(func.coalesce(func.sum(BaselineItem.estimate_s), 0)).where(of).correlate(Baseline)
    weight = select(func.coalesce(func.sum(baseline_weight()), 0)).where(of).correlate(Baseline)
    finish = select(func.max(BaselineItem.finish)).where(of).correlate(Baseline).scalar_subquery()
    points = select(func.count()).where(BaselineMilestone.baseline_id == Baseline.id).correlate(Baseline)
    rows = store.execute(
        select(
            Baseline.id,
            Baseline.version,
            Baseline.state,
            Baseline.taken_on,
            Baseline.reason,
            Baseline.proposed_by,
            Baseline.proposed_at,
            Baseline.decided_by,
            Baseline.decided_at,
            Baseline.self_approved,
            Baseline.plan_rate,
            Baseline.currency,
            items.label("items"),
            seconds.scalar_subquery().label("seconds"),
            finish.label("finish"),
            points.scalar_subquery().label("milestones"),
            in_force(today).label("in_force"),
            Baseline.unit,
            weight.scalar_subquery().label("weight"),
        )
        .where(Baseline.project_id == project_id)
        .order_by(Baseline.version.desc())
    )
    # PostgreSQL adds whole numbers up to a decimal.
    return tuple(Version(**{**row._mapping, "seconds": int(row.seconds), "weight": int(row.weight)}) for row in rows)
