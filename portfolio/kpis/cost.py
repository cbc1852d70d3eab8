"""Earned value against what it cost: the cost performance index and the cost variance."""

from __future__ import annotations

from dataclasses import replace

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.earned import amount, earned_and_cost
from portfolio.kpis.reading import Reading, ratio
from portfolio.kpis.thresholds import Direction

_SOURCE = "earned value management, ISO 21508; bands are one of several conventions"


@kpi(
    "CST-01",
    name="Cost performance (CPI)",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".95",
    amber=".85",
    source=_SOURCE,
    symbols="CPI = EV / AC",
)
def cpi(facts: ProjectFacts, day: Day) -> Reading:
    """Earned value / actual cost, both in money.

    Earned value is that of SCH-01 at the plan rate. Actual cost is every hour logged on the project, also on work that
    is not in the baseline, at the rate of the person or else of the role on that day, and all expenses. No cost:
    ZERO_DENOM. Nobody in the organisation logs time: NOT_APPLICABLE. Plan in points or items: NOT_IN_HOURS. No plan
    rate, or more than 5 % of the hours without a rate: NO_DATA. Several currencies: CURRENCY_MIX. The hours of one
    person alone at their own rate: NOT_PERMITTED, for it would tell what they are paid. Programs and portfolios: sum
    over sum, in one currency.
    """
    found = earned_and_cost(facts, day)
    if isinstance(found, Reading):
        return found
    earned, cost = found
    reading = ratio(earned.earned, cost.amount, n=earned.n, coverage=earned.coverage)
    return replace(reading, reason=earned.reason, currency=earned.currency, parts=(*earned.parts("EV"), cost.part))


@kpi(
    "CST-02",
    name="Cost variance (CV)",
    unit=Unit.MONEY,
    direction=Direction.HIGHER,
    green="-.05",
    amber="-.15",
    source=_SOURCE,
    judged="the share of the earned value",
    together=Together.SUM,
    symbols="CV = EV - AC",
)
def cost_variance(facts: ProjectFacts, day: Day) -> Reading:
    """Earned value - actual cost; the colour is that of its share of the earned value. Else as CST-01."""
    found = earned_and_cost(facts, day)
    if isinstance(found, Reading):
        return found
    earned, cost = found
    return amount(earned.earned - cost.amount, earned.earned, earned, (*earned.parts("EV"), cost.part))
