"""How the main figures of a project moved: one point a week, from the readings that are kept. Nothing is computed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, and_, or_, select

from portfolio.figures.read import COLUMNS, Kept
from portfolio.kpis.declare import Kpi
from portfolio.model.oversight import KpiValue

WEEK = timedelta(days=7)
WEEKS = 53
"""A year back, both ends included."""

_VALUE = KpiValue.__table__


@dataclass(frozen=True)
class Point:
    """What a KPI said on a day; all is None but the day where nothing was kept.

    origin: observed, reconstructed (computed later from the history) or restated (likewise, in place of another).
    """

    day: date
    value: float | None = None
    rag: str | None = None
    reason: str | None = None
    origin: str | None = None


@dataclass(frozen=True)
class Trend:
    """One KPI, its points oldest first; the last one is of the day that is asked about."""

    kpi: Kpi
    points: tuple[Point, ...]

    @property
    def last(self) -> Point:
        return self.points[-1]

    def ago(self, weeks: int) -> Point:
        """The point so many weeks before the last."""
        return self.points[-1 - weeks]

    @property
    def reconstructed(self) -> bool:
        """Whether any of it was computed later than its day."""
        return any(point.origin not in (None, "observed") for point in self.points)


def weeks_to(day: date, weeks: int = WEEKS) -> tuple[date, ...]:
    """The day and the same weekday of the weeks before it, oldest first."""
    return tuple(day - WEEK * back for back in range(weeks - 1, -1, -1))


Spans = Mapping[str, Sequence[Kept]]
"""What was kept by KPI, in order of time."""


def kept_of(
    connection: Connection, project_id: int, kpis: Collection[str], days: Sequence[date], colours: Collection[str] = ()
) -> Spans:
    """What was kept of a project, in one statement: of these KPIs for the days, which come in order; of the colours up
    to the last day; of all others what holds on that. Whether the viewer may see it is for the caller to ask.
    """
    wanted = or_(
        and_(_VALUE.c.kpi.in_(kpis), _VALUE.c.until > days[0]), _VALUE.c.kpi.in_(colours), _VALUE.c.until > days[-1]
    )
    rows = connection.execute(
        select(*COLUMNS)
        .where(
            _VALUE.c.scope_type == "project",
            _VALUE.c.scope_id == project_id,
            _VALUE.c.superseded_at.is_(None),
            _VALUE.c.as_of <= days[-1],
            wanted,
        )
        .order_by(_VALUE.c.kpi, _VALUE.c.as_of)
    )
    kept: dict[str, list[Kept]] = defaultdict(list)
    for row in rows:
        reading = Kept(*row)
        kept[reading.kpi].append(reading)
    return kept


def standing(kept: Spans, day: date) -> dict[str, Kept]:
    """The reading of each KPI that holds on the last of the days, by id."""
    return {kpi_id: spans[-1] for kpi_id, spans in kept.items() if spans[-1].until > day}


def trends(kept: Spans, kpis: Iterable[Kpi], days: Sequence[date]) -> tuple[Trend, ...]:
    """The trends of these KPIs, in this order, over these days, without those that have no value on any of them."""
    found = (Trend(kpi, _sampled(kept[kpi.id], days)) for kpi in kpis if kpi.id in kept)
    return tuple(trend for trend in found if any(point.value is not None for point in trend.points))


def _sampled(spans: Sequence[Kept], days: Sequence[date]) -> tuple[Point, ...]:
    """The point that holds on each day; both in order of time."""
    points: list[Point] = []
    at = 0
    for day in days:
        while at < len(spans) and spans[at].until <= day:
            at += 1
        said = spans[at] if at < len(spans) and spans[at].as_of <= day else None
        points.append(Point(day, said.value, said.rag, said.reason, said.origin) if said else Point(day))
    return tuple(points)
