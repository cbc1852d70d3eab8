"""Whether the trackers are kept up to date, and whether they tell the past."""

from __future__ import annotations

from dataclasses import replace

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Unit, kpi
from portfolio.kpis.reading import Part, Reading, Reason, nothing, ratio
from portfolio.kpis.thresholds import Direction


@kpi(
    "DQ-03",
    name="Update freshness",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".90",
    amber=".75",
    source="practice default",
    symbols="share = updated / in progress",
    behind=("in_progress",),
)
def update_freshness(facts: ProjectFacts, day: Day) -> Reading:
    """Work in progress that was updated in the last five working days, the day included / work in progress.

    No work: NO_DATA; none in progress: NOT_APPLICABLE. Past days: NOT_KEPT, for only the last update is known.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    going = facts["in_progress"]
    if not going:
        return nothing(Reason.NOT_APPLICABLE)
    parts = (Part("updated", facts.samples.updated), Part("in progress", going))
    return replace(ratio(facts.samples.updated, going), parts=parts)


@kpi(
    "DQ-07",
    name="History coverage",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".98",
    amber=".90",
    source="practice default",
    symbols="share = recorded / work",
    behind=("work_without_history", "work"),
)
def history_coverage(facts: ProjectFacts, _day: Day) -> Reading:
    """Work whose past the tracker recorded / all work that is not cancelled. Of the rest it had to be assumed from
    dates. No work: NO_DATA.
    """
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    recorded = facts["work"] - facts["work_without_history"]
    return replace(ratio(recorded, facts["work"]), parts=(Part("recorded", recorded), Part("work", facts["work"])))
