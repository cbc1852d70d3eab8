"""What baselines plan, whatever became of their items since: read once for all days on which one is in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from portfolio.calendar import WorkCalendar
from portfolio.facts.curve import Curve, Curves, PlanLine
from portfolio.facts.over_days import over_days
from portfolio.facts.units import weighed
from portfolio.model.named import named
from portfolio.model.work import Baseline, BaselineItem


@dataclass
class Baselined:
    """The `lines` of a baseline: of those of its items that have a date and a weight."""

    lines: list[PlanLine] = field(default_factory=list)
    _made: tuple[WorkCalendar, Curve] | None = field(default=None, compare=False)

    def curve(self, calendar: WorkCalendar) -> Curve:
        """The curve of its lines. That of the calendar asked for last is kept."""
        if self._made is None or self._made[0] != calendar:
            self._made = calendar, Curves(calendar).of(self.lines)
        return self._made[1]


def baseline_weight() -> ColumnElement[Any]:
    """The weight of a `BaselineItem`, in the unit of its `Baseline`."""
    return weighed(Baseline.unit, BaselineItem.estimate_s, BaselineItem.points)


def in_force(as_of: date) -> ColumnElement[bool]:
    """The condition on `Baseline` for the one in force on the day, of each project."""
    return in_force_within(as_of, as_of)


def in_force_within(first: date, last: date) -> ColumnElement[bool]:
    """The condition on `Baseline` for those in force on any day from `first` to `last`."""
    later = named(Baseline, "later_baseline")
    newer = exists().where(
        later.project_id == Baseline.project_id,
        later.state == "approved",
        later.taken_on <= first,
        later.version > Baseline.version,
    )
    return and_(Baseline.state == "approved", Baseline.taken_on <= last, ~newer.correlate(Baseline))


@over_days
def baselined(
    connection: Connection, days: Sequence[date], project_ids: Collection[int] | None
) -> Mapping[date, Mapping[int, Baselined]]:
    """By id, the baselines in force on any of the days that have lines; the same of each day."""
    start = func.coalesce(BaselineItem.start, BaselineItem.finish)
    columns = (BaselineItem.baseline_id, start, BaselineItem.finish)
    weight = baseline_weight()
    statement = (
        select(*columns, func.sum(weight))
        .join(Baseline, Baseline.id == BaselineItem.baseline_id)
        .where(in_force_within(days[0], days[-1]), BaselineItem.finish.is_not(None), weight > 0)
    )
    if project_ids is not None:
        statement = statement.where(Baseline.project_id.in_(project_ids))
    found: dict[int, Baselined] = defaultdict(Baselined)
    rows: Iterable[Any] = connection.execute(statement.group_by(*columns))
    for baseline_id, begin, finish, planned in rows:
        found[baseline_id].lines.append(PlanLine(begin, finish, int(planned)))
    return dict.fromkeys(days, found)
