"""How far the work is."""

from __future__ import annotations

from fractions import Fraction

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.counted import counted
from portfolio.kpis.declare import Unit, kpi
from portfolio.kpis.reading import Reading, Reason, nothing, share
from portfolio.kpis.thresholds import Direction

ENOUGH = Fraction(8, 10)


@kpi(
    "PRG-01",
    name="Completion",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    source="practice default; leaf rule after ISO 21508. The id is the product's own",
    symbols="work_done / work",
    behind=("work_done", "work_open"),
)
def completion(facts: ProjectFacts, _day: Day) -> Reading:
    """Work items done / work items that are not cancelled. Leaves only, no milestones, each counting once.

    No work: NO_DATA. It has no limits: how far a project should be is what SCH-01 says.
    """
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    return counted(facts, "work_done", "work")


@kpi(
    "PRG-02",
    name="Completion by effort",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    source="practice default; weights after ISO 21508. The id is the product's own",
    symbols="effort_done / effort",
    behind=("effort_done", "effort"),
)
def completion_by_effort(facts: ProjectFacts, _day: Day) -> Reading:
    """Estimated effort of done work / estimated effort of all work that is not cancelled, in seconds.

    Coverage is the share of work with an estimate; below .8 there is no value (NO_DATA): the unestimated rest would
    count as nothing. n is the number of estimated items.
    """
    coverage = share(facts["work_with_estimate"], facts["work"])
    if coverage is None or coverage < ENOUGH:
        return nothing(Reason.NO_DATA, n=facts["work_with_estimate"], coverage=coverage)
    return counted(facts, "effort_done", "effort", n=facts["work_with_estimate"], coverage=coverage)
