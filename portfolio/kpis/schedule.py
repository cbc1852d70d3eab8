"""Earned against planned: the schedule performance index on light data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction

from portfolio.calendar import WorkCalendar
from portfolio.facts.gather import Day, ProjectFacts
from portfolio.facts.plan import PlanLine
from portfolio.kpis.completion import ENOUGH
from portfolio.kpis.declare import Unit, kpi
from portfolio.kpis.reading import Reading, Reason, nothing, ratio, share
from portfolio.kpis.thresholds import Direction


def planned_value(plan: Iterable[PlanLine], day: date, calendar: WorkCalendar) -> Fraction:
    """The weight that should be done by the end of `day`: each line's, spread evenly over its working days.

    A line whose days are all off is due at once on its finish. Same unit as the weights; times a rate it is money.
    """
    total = Fraction(0)
    for line in plan:
        if day >= line.finish:
            total += line.weight
        elif days := calendar.workdays(line.start, line.finish):
            total += Fraction(line.weight * calendar.workdays(line.start, day), days)
    return total


def earned_value(plan: Iterable[PlanLine]) -> int:
    """The weight that is done: all of a finished item's, none of an unfinished one's (0/100 rule)."""
    return sum(line.done for line in plan)


@kpi(
    "SCH-01",
    name="Schedule performance (SPI)",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".95",
    amber=".85",
    source="earned value management, ISO 21508; bands are one of several conventions",
)
def spi(facts: ProjectFacts, day: Day) -> Reading:
    """Earned value / planned value, both in seconds of estimated effort.

    The plan is the current baseline. Without one it is derived from the items' own estimates, starts and due dates and
    says so (reason DERIVED_PLAN beside the value): such a plan forgets every date that was moved, and flatters. Planned
    value is linear over working days; earned value counts an item when it is done (0/100). Coverage is the share of
    leaf items with finish and estimate; below .8: NO_BASELINE. Nothing planned by the day: ZERO_DENOM. A finished
    project keeps the planned value of its last day. n is the number of planned items.
    """
    plan = facts.plan
    coverage = share(plan.planned, plan.items)
    if coverage is None or coverage < ENOUGH:
        return nothing(Reason.NO_BASELINE, n=plan.planned, coverage=coverage)
    last = min(day.as_of, facts.actual_finish or day.as_of)
    earned, planned = earned_value(plan.lines), planned_value(plan.lines, last, day.calendar)
    reading = ratio(earned, planned, n=plan.planned, coverage=coverage)
    if reading.value is None or not plan.derived:
        return reading
    return replace(reading, reason=Reason.DERIVED_PLAN)
