"""Scope against the baseline in force: what came without leave, what came with it, how much is in motion."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.facts.growth import Growth
from portfolio.facts.units import PARTS
from portfolio.kpis.completion import ENOUGH
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.earned import COUNTED, adding_up
from portfolio.kpis.percentile import nearest_rank
from portfolio.kpis.reading import Part, Reading, Reason, nothing, ratio, share
from portfolio.kpis.thresholds import Direction

_SOURCE = "practice default; change control, ISO 21502"


def _grown(facts: ProjectFacts) -> tuple[Growth, Fraction] | Reading:
    """What grew, and the share of baseline and new items together whose weight is known."""
    found, plan = facts.growth, facts.plan
    if found is None:
        return nothing(Reason.NO_BASELINE)
    coverage = share(plan.planned + found.weighted, found.items + found.added)
    if coverage is None or coverage < ENOUGH:
        return nothing(Reason.NO_BASELINE, n=found.added, coverage=coverage)
    return found, coverage


def _weighed(weight: int, symbol: str, found: Growth, coverage: Fraction) -> Reading:
    over, under, unit = Fraction(weight, PARTS), Fraction(found.weight, PARTS), COUNTED[found.unit]
    parts = (Part(symbol, over, unit), Part("baseline", under, unit))
    reading = replace(ratio(over, under, n=found.added, coverage=coverage), judgeable=bool(found.lived), parts=parts)
    return adding_up(reading, found.unit)


@kpi(
    "SCP-01",
    name="Scope creep",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".05",
    amber=".10",
    source=_SOURCE,
    symbols="unapproved / baseline",
)
def creep(facts: ProjectFacts, _day: Day) -> Reading:
    """Weight of work that is not in the baseline in force and that no approved change request stands behind / weight of
    the baseline, both in what the baseline is counted in (SCH-01): estimated effort, points or items.

    A change request stands behind the work that hangs below it or is linked with it; trackers tell no history of links,
    so those of the present count on every day. No baseline, or fewer than .8 of all items with a weight: NO_BASELINE.
    In programs and portfolios as SCH-01. On the day the baseline was taken there is no colour. n is the number of items
    that came.
    """
    found = _grown(facts)
    if isinstance(found, Reading):
        return found
    grown, coverage = found
    return _weighed(grown.added_weight - grown.approved_weight, "unapproved", grown, coverage)


@kpi(
    "SCP-02",
    name="Approved change",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".10",
    amber=".25",
    source="practice default",
    symbols="approved / baseline",
)
def approved_change(facts: ProjectFacts, _day: Day) -> Reading:
    """Weight of work that came after the baseline with an approved change request behind it / weight of the baseline.
    No change request at all: NO_DATA. Else as SCP-01.
    """
    found = _grown(facts)
    if isinstance(found, Reading):
        return found
    if not facts.changes.requests:
        return nothing(Reason.NO_DATA, n=found[0].added, coverage=found[1])
    return _weighed(found[0].approved_weight, "approved", *found)


@kpi(
    "SCP-03",
    name="Requirements volatility",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".10",
    amber=".25",
    source="practice default",
    symbols="(added + removed + resized) / baseline",
)
def volatility(facts: ProjectFacts, _day: Day) -> Reading:
    """Items that came, were cancelled or deleted, or weigh more than a fifth off, since the baseline in force / items
    of the baseline. No baseline: NO_BASELINE. On the day the baseline was taken there is no colour.
    """
    found = facts.growth
    if found is None:
        return nothing(Reason.NO_BASELINE)
    reading = ratio(found.added + found.removed + found.resized, found.items)
    counts = (("added", found.added), ("removed", found.removed), ("resized", found.resized), ("baseline", found.items))
    parts = tuple(Part(symbol, count) for symbol, count in counts)
    return replace(reading, judgeable=bool(found.lived), parts=parts)


@kpi(
    "SCP-04",
    name="Change decision time",
    unit=Unit.WORKDAYS,
    direction=Direction.LOWER,
    green="5",
    amber="10",
    source="practice default",
    together=Together.POOLED,
    symbols="median(decided - requested)",
)
def decision_time(facts: ProjectFacts, day: Day) -> Reading:
    """Median of the working days from request to decision, over all change requests; an open one counts to the day.

    Nearest rank. Decided on the day the request itself names, else on the day it was done or cancelled. No change
    request: NO_DATA. n is all of them; how many are open stands among the parts.
    """
    requests = facts.changes.requests
    waited = [(day.calendar.since(it.asked_on, it.decided_on or day.as_of), it.items) for it in requests]
    median = nearest_rank(waited, 50)
    if median is None:
        return nothing(Reason.NO_DATA)
    still_open = sum(it.items for it in requests if it.decided_on is None)
    n = sum(it.items for it in requests)
    return Reading(Fraction(median), n=n, parts=(Part("requests", n), Part("open", still_open)))
