"""Whether what was entered here and what the trackers say of a project agree."""

from __future__ import annotations

from fractions import Fraction

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Unit, kpi
from portfolio.kpis.reading import Reading, Reason, nothing
from portfolio.kpis.thresholds import Direction


@kpi(
    "DQ-04",
    name="Conflicts with the tracker",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green="0.02",
    amber="0.05",
    source="practice default",
)
def conflicts(facts: ProjectFacts, day: Day) -> Reading:
    """Project data (budget, dates, sponsor, ...) that was entered here and differs from what the tracker tells, over
    that which is filled on both sides. Nothing filled on both sides: NO_DATA. Any day before the present one:
    NOT_KEPT, for nobody kept what was told then.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    both, differing = facts.doubled
    if not both:
        return nothing(Reason.NO_DATA)
    return Reading(Fraction(differing, both), Fraction(differing), Fraction(both), both)
