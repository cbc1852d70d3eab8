"""Whether what is delivered is accepted."""

from __future__ import annotations

from dataclasses import replace

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Unit, kpi
from portfolio.kpis.reading import Part, Reading, Reason, nothing, ratio
from portfolio.kpis.thresholds import Direction


@kpi(
    "SCP-05",
    name="Acceptance rate",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".90",
    amber=".75",
    source="practice default",
    symbols="accepted at once / judged",
)
def acceptance_rate(facts: ProjectFacts, day: Day) -> Reading:
    """Deliverables accepted the first time / deliverables and acceptances with a result. The result is that of a field
    or of the tracker's approval; accepted with conditions is not accepted, and what was done and then was not again had
    come back. Nothing has a result: NO_DATA. Results keep no history: NOT_KEPT for a past day.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    judged, at_once = facts.accepted
    if not judged:
        return nothing(Reason.NO_DATA)
    return replace(ratio(at_once, judged), parts=(Part("accepted at once", at_once), Part("judged", judged)))
