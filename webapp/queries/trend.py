"""How the main figures of a project moved: one point a week, from the readings that are kept. Nothing is computed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select

from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.declare import Kpi
from portfolio.model.oversight import KpiValue

WEEK = timedelta(days=7)
WEEKS = 53
"""A year back, both ends included."""

_VALUE = KpiValue.__table__
_COLUMNS = [_VALUE.c[name] for name in ("kpi", "as_of", "until", "value", "rag", "reason", "origin")]


@dataclass(frozen=True)
class Point:
    """What a KPI said on a day; all is None but the day where nothing was kept.

    origin: observed, reconstructed (computed later from the history) or restated (likewise, in place of another).
    """

    day: date
    value: float | None
    rag: str | None
    reason: str | None
    origin: str | None


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


def trends_of(
    connection: Connection, project_id: int, kpis: Collection[str], days: Sequence[date]
) -> tuple[Trend, ...]:
    """The trends of these KPIs, in this order, without those that never had a value. Whether the viewer may see the
    project's figures is for the caller to ask.
    """
    rows = connection.execute(
        select(
            _VALUE.c.kpi, _VALUE.c.as_of, _VALUE.c.until, _VALUE.c.value, _VALUE.c.rag, _VALUE.c.reason, _VALUE.c.origin
        )
        .where(
            _VALUE.c.scope_type == "project",
            _VALUE.c.scope_id == project_id,
            _VALUE.c.kpi.in_(kpis),
            _VALUE.c.superseded_at.is_(None),
            _VALUE.c.as_of <= days[-1],
            _VALUE.c.until > days[0],
        )
        .order_by(_VALUE.c.kpi, _VALUE.c.as_of)
    )
    kept: dict[str, list[tuple[date, date, Point]]] = defaultdict(list)
    for kpi_id, first, until, value, rag, reason, origin in rows:
        kept[kpi_id].append((first, until, Point(first, value, rag, reason, origin)))
    found = (Trend(KPIS[each], _sampled(kept[each], days)) for each in kpis if each in kept and each in KPIS)
    return tuple(trend for trend in found if any(point.value is not None for point in trend.points))


def _sampled(spans: Sequence[tuple[date, date, Point]], days: Sequence[date]) -> tuple[Point, ...]:
    """The point that holds on each day; both in order of time."""
    points: list[Point] = []
    at = 0
    for day in days:
        while at < len(spans) and spans[at][1] <= day:
            at += 1
        held = at < len(spans) and spans[at][0] <= day
        said = spans[at][2] if held else Point(day, None, None, None, None)
        points.append(Point(day, said.value, said.rag, said.reason, said.origin))
    return tuple(points)
