"""Whether what was agreed upon gets done."""

from __future__ import annotations

from dataclasses import replace

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Unit, kpi
from portfolio.kpis.reading import Part, Reading, Reason, nothing, ratio
from portfolio.kpis.thresholds import Direction


@kpi(
    "STK-05",
    name="Action item closure",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".90",
    amber=".75",
    source="practice default",
    symbols="closed by due / due",
    behind=("actions_due",),
)
def action_closure(facts: ProjectFacts, _day: Day) -> Reading:
    """Actions done on or before their due date / actions that were due before the day and not cancelled. One without a
    due date counts in neither. None was due: NOT_APPLICABLE.
    """
    due, closed = facts["actions_due"], facts["actions_closed_by_due"]
    if not due:
        return nothing(Reason.NOT_APPLICABLE)
    return replace(ratio(closed, due), parts=(Part("closed by due", closed), Part("due", due)))
