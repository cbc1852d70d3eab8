"""Whether the trackers hold what the figures need."""

from __future__ import annotations

from dataclasses import replace

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Unit, kpi
from portfolio.kpis.reading import Part, Reading, Reason, nothing, ratio
from portfolio.kpis.thresholds import Direction


def _without(facts: ProjectFacts, day: Day) -> Reading | None:
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    if not facts.required.items:
        return nothing(Reason.NOT_APPLICABLE if facts.numbers else Reason.NO_DATA)
    return None


@kpi(
    "DQ-01",
    name="Field completeness",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".95",
    amber=".85",
    source="practice default",
    symbols="filled / required",
    behind=("open_items",),
)
def field_completeness(facts: ProjectFacts, day: Day) -> Reading:
    """Filled required fields / required fields, over the open items whose kind has any: of a story its assignee,
    estimate, due date and parent, of a bug its assignee and severity, of a risk its owner, probability, impact and
    response, and so on. No items: NO_DATA; none open that has required fields: NOT_APPLICABLE. Parents and severity
    keep no history: NOT_KEPT for a past day.
    """
    without = _without(facts, day)
    if without is not None:
        return without
    found = facts.required
    parts = (Part("filled", found.filled), Part("required", found.required))
    return replace(ratio(found.filled, found.required, n=found.items), parts=parts)


@kpi(
    "DQ-02",
    name="Fully complete items",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".90",
    amber=".75",
    source="practice default",
    symbols="complete / items",
    behind=("open_items",),
)
def complete_items(facts: ProjectFacts, day: Day) -> Reading:
    """Open items with all the fields their kind requires / open items whose kind requires any. Reasons as of DQ-01."""
    without = _without(facts, day)
    if without is not None:
        return without
    found = facts.required
    return replace(ratio(found.whole, found.items), parts=(Part("complete", found.whole), Part("items", found.items)))
