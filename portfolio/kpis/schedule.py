"""Earned against planned value: the schedule performance index and the schedule variance on light data."""

from __future__ import annotations

from dataclasses import replace

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.earned import adding_up, amount, in_money, in_units
from portfolio.kpis.reading import Reading, ratio
from portfolio.kpis.thresholds import Direction

_SOURCE = "earned value management, ISO 21508; bands are one of several conventions"


@kpi(
    "SCH-01",
    name="Schedule performance (SPI)",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".95",
    amber=".85",
    source=_SOURCE,
    symbols="SPI = EV / PV",
    behind=("work_with_estimate", "work"),
)
def spi(facts: ProjectFacts, day: Day) -> Reading:
    """Earned value / planned value, both in what the plan is counted in.

    That is hours of estimated effort, unless points or items (each as one) are set with this KPI for the project, its
    program, its type or everything; a baseline keeps what was set when it was taken. Money is made of hours alone, and
    hours alone add up: in programs and portfolios a project in points or items has no part in the sum, and counts in
    coverage as one without a value. Where none is in hours: NOT_IN_HOURS. Points below 0 and those beyond reason, more
    than 305 million, are no weight.

    The plan is the baseline in force. Without one it is derived from the items' own weights, starts and due dates and
    says so (reason DERIVED_PLAN beside the value): such a plan forgets every date that was moved, and flatters. Planned
    value is linear over working days; earned value follows the project's method, 0/100 unless it chose another; the
    method is a setting of the present for every day. An item that is not in the baseline earns nothing; one that was
    cancelled or deleted keeps its weight. Coverage is the share of leaf items with finish and weight; below .8:
    NO_BASELINE. Nothing planned by the day: ZERO_DENOM. A finished project keeps the planned value of its last day. The
    method percent_field knows the present only: NOT_KEPT on past days. n is the number of planned items.
    """
    found = in_units(facts, day)
    if isinstance(found, Reading):
        return found
    reading = ratio(found.earned, found.planned, n=found.n, coverage=found.coverage)
    if reading.value is None:
        return reading
    return adding_up(replace(reading, reason=found.reason, parts=found.parts("EV", "PV")), found.unit)


@kpi(
    "SCH-02",
    name="Schedule variance (SV)",
    unit=Unit.MONEY,
    direction=Direction.HIGHER,
    green="-.05",
    amber="-.15",
    source=_SOURCE,
    judged="the share of the planned value",
    together=Together.SUM,
    symbols="SV = EV - PV",
)
def schedule_variance(facts: ProjectFacts, day: Day) -> Reading:
    """Earned value - planned value (SCH-01) at the plan rate; the colour is that of its share of the planned value.

    Plan in points or items: NOT_IN_HOURS. Plan without a rate: NO_DATA. The rate of a project without a baseline is the
    present one: NOT_KEPT on past days.
    """
    found = in_money(facts, day)
    if isinstance(found, Reading):
        return found
    return amount(found.earned - found.planned, found.planned, found, found.parts("EV", "PV"))
