"""Due dates: kept or missed, and whether there are any."""

from __future__ import annotations

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.counted import counted
from portfolio.kpis.declare import Unit, kpi
from portfolio.kpis.reading import Reading, Reason, nothing, share
from portfolio.kpis.thresholds import Direction


@kpi(
    "SCH-09",
    name="Overdue items",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".05",
    amber=".15",
    source="practice default",
    symbols="overdue / open_with_due",
    behind=("overdue", "open_with_due"),
)
def overdue(facts: ProjectFacts, _day: Day) -> Reading:
    """Open items due before the day / open items with a due date. The numerator is the number of overdue items.

    Coverage is the share of open items that have a due date. Nothing open: NOT_APPLICABLE. Open items, but none with
    a due date: MISSING_DATES, for then nothing can be late and nothing is on time either.
    """
    open_items = facts["open_items"]
    if not facts.numbers:
        return nothing(Reason.NO_DATA)
    if not open_items:
        return nothing(Reason.NOT_APPLICABLE)
    coverage = share(facts["open_with_due"], open_items)
    if not facts["open_with_due"]:
        return nothing(Reason.MISSING_DATES, coverage=coverage)
    return counted(facts, "overdue", "open_with_due", coverage=coverage)


@kpi(
    "DQ-DUE",
    name="Open items with a due date",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".95",
    amber=".85",
    source="limits of DQ-01 field completeness. The id is the product's own",
    symbols="open_with_due / open_items",
    behind=("open_with_due", "open_items"),
)
def due_coverage(facts: ProjectFacts, _day: Day) -> Reading:
    """Open items with a due date / open items. Without items NO_DATA; without open ones NOT_APPLICABLE."""
    if not facts.numbers:
        return nothing(Reason.NO_DATA)
    if not facts["open_items"]:
        return nothing(Reason.NOT_APPLICABLE)
    return counted(facts, "open_with_due", "open_items")


@kpi(
    "DQ-EST",
    name="Work with an estimate",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".95",
    amber=".85",
    source="limits of DQ-01 field completeness. The id is the product's own",
    symbols="work_with_estimate / work",
    behind=("work_with_estimate", "work"),
)
def estimate_coverage(facts: ProjectFacts, _day: Day) -> Reading:
    """Work (leaves, done or not, not cancelled) with an estimate above zero / all such work. No work: NO_DATA."""
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    return counted(facts, "work_with_estimate", "work")
