"""The trends of a project as its page shows them: which KPIs, and what is drawn of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portfolio.kpis.declare import Kpi
from portfolio.kpis.thresholds import Direction
from webapp.charts.look import Spec
from webapp.charts.trend import Dot, Stroke, spark, trend
from webapp.queries.columns import shown_unit
from webapp.queries.movement import Move, Turn, move
from webapp.queries.trend import Point, Trend
from webapp.words import amount, say

MAIN = ("SCH-04", "SCH-01", "CST-01", "PRG-01", "SCH-09", "SCH-07", "FLW-03", "FLW-01", "FLW-04", "DQ-01")
"""The KPIs whose trend a project page shows, the most telling first, as far as the project has them."""


LATELY = 4
"""Weeks a trend looks back to say which way it goes."""


def dots(points: Sequence[Point], kpi: Kpi) -> tuple[Dot, ...]:
    """What is drawn of a trend: shares as percentages."""
    scale = 100 if shown_unit(kpi) == "percent" else 1
    return tuple(
        Dot(it.day, None if it.value is None else it.value * scale, it.origin in (None, "observed")) for it in points
    )


def limits(kpi: Kpi) -> Mapping[str, float]:
    """The limits of green and amber by their words; none for a KPI without, for one that has a band, and where they
    are held against something else than what is drawn."""
    if kpi.thresholds is None or kpi.direction is Direction.BAND or kpi.judged:
        return {}
    unit = shown_unit(kpi)
    scale = 100 if unit == "percent" else 1
    both = (("green", float(kpi.thresholds.green)), ("amber", float(kpi.thresholds.amber)))
    return {say("limit", rag, kpi.direction.value, amount(limit, unit)): limit * scale for rag, limit in both}


def picture_of(found: Trend) -> Spec:
    """The picture of one trend, from the first week of which anything is known."""
    kpi = found.kpi
    words = {name: say("chart", name) for name in ("observed", "reconstructed")}
    begun = next(place for place, point in enumerate(found.points) if point.value is not None)
    return trend(dots(found.points[begun:], kpi), say("unit", shown_unit(kpi)), limits(kpi), words)


@dataclass(frozen=True)
class Line:
    """A trend as one line of the table: where it went in four weeks, and its small picture."""

    trend: Trend
    move: Move | None
    strokes: tuple[Stroke, ...]

    @property
    def known_then(self) -> bool:
        """Whether anything was kept of four weeks ago, a value or why there is none."""
        then = self.trend.ago(LATELY)
        return then.value is not None or then.reason is not None

    @property
    def turn(self) -> Turn | None:
        return self.move.turn if self.move else None


def line(found: Trend) -> Line:
    """The line of a trend."""
    went = move(found.kpi, found.ago(LATELY).value, found.last.value)
    return Line(found, went, spark(dots(found.points, found.kpi)))


def chosen(found: Sequence[Trend], kpi_id: str | None) -> Trend | None:
    """The trend that is shown large: the one asked for, else the most telling there is."""
    return next((each for each in found if each.kpi.id == kpi_id), found[0] if found else None)
