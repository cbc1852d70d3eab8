"""What earned value is made of: planned value, earned value, the whole plan, and what it cost. No KPI is declared here.

Each function gives the numbers, or the reading that says why there are none, so that every KPI gives the same reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from portfolio.facts.earned import NOT_KEPT
from portfolio.facts.gather import Day, ProjectFacts
from portfolio.facts.units import HOURS, ITEMS, PARTS, POINTS
from portfolio.kpis.completion import ENOUGH
from portfolio.kpis.declare import Unit
from portfolio.kpis.reading import Part, Reading, Reason, nothing, share

UNRATED = Fraction(5, 100)
"""The share of hours that may be without a rate."""
UNIT_SET_WITH = "SCH-01"
"""The KPI with whose settings it is set what plans are counted in."""
ON_PLAN = frozenset(
    (
        *("SCH-01", "SCH-02", "SCH-03", "SCH-04", "SCH-04-SV", "SCH-05", "SCH-06", "CST-01", "CST-02"),
        *("CST-03", "CST-03-ATYPICAL", "CST-03-SCHEDULE", "CST-03-BOTTOMUP", "CST-04", "CST-04-ETC"),
        *("CST-05", "CST-06", "CST-07"),
    )
)
"""The KPIs that rest on it."""
ON_BASELINE = frozenset(("SCP-01", "SCP-02"))
"""The KPIs that are counted as the baseline is, and have no value without one."""
ALONE = frozenset((UNIT_SET_WITH, *ON_BASELINE))
"""The KPIs that add up in hours alone."""
COUNTED: Mapping[str, Unit] = {HOURS: Unit.HOURS, POINTS: Unit.POINTS, ITEMS: Unit.COUNT}


@dataclass(frozen=True)
class Earned:
    """Earned, planned by `last` and planned in all: in `unit`, or in `currency` where that is given.

    `last` is the day, or that on which the work was over. `reason` stands beside every value that rests on this.
    """

    earned: Fraction
    planned: Fraction
    total: Fraction
    last: date
    n: int
    coverage: Fraction
    reason: Reason | None
    currency: str | None = None
    unit: str = HOURS

    @property
    def complete(self) -> Fraction:
        """The share of the plan that is earned; what is planned is never nothing."""
        return self.earned / self.total

    def parts(self, *symbols: str) -> tuple[Part, ...]:
        """Of EV, PV and BAC those that are named."""
        unit = Unit.MONEY if self.currency else COUNTED[self.unit]
        values = {"EV": self.earned, "PV": self.planned, "BAC": self.total}
        return tuple(Part(symbol, values[symbol], unit) for symbol in symbols)


def in_units(facts: ProjectFacts, day: Day) -> Earned | Reading:
    """In the unit of the plan. Too few items with finish and weight: NO_BASELINE. A method that looks at the present
    only knows no past day: NOT_KEPT."""
    plan = facts.plan
    coverage = share(plan.planned, plan.items)
    if coverage is None or coverage < ENOUGH:
        return nothing(Reason.NO_BASELINE, n=plan.planned, coverage=coverage)
    if plan.method in NOT_KEPT and day.is_past:
        return nothing(Reason.NOT_KEPT, n=plan.planned, coverage=coverage)
    ends = [day.as_of, *(end for end in (facts.actual_finish, plan.completed_on) if end is not None)]
    last = min(ends)
    return Earned(
        Fraction(plan.earned, PARTS),
        plan.curve.at(last, day.calendar) / PARTS,
        plan.curve.total / PARTS,
        last,
        plan.planned,
        coverage,
        Reason.DERIVED_PLAN if plan.derived else None,
        unit=plan.unit,
    )


def adding_up(reading: Reading, unit: str) -> Reading:
    """A ratio of weights of that unit; of hours alone does it add up over projects."""
    if unit == HOURS or reading.value is None:
        return reading
    return replace(reading, numerator=None, denominator=None, alone=True)


def in_money(facts: ProjectFacts, day: Day) -> Earned | Reading:
    """At the rate of the plan. Not in hours: NOT_IN_HOURS. No rate: NO_DATA. The rate of a plan without a baseline is
    the present one: NOT_KEPT on past days."""
    found, rate = in_units(facts, day), facts.plan.rate
    if isinstance(found, Reading):
        return found
    if found.unit != HOURS:
        return nothing(Reason.NOT_IN_HOURS, n=found.n, coverage=found.coverage)
    if rate is None:
        return nothing(Reason.NO_DATA, n=found.n, coverage=found.coverage)
    if facts.plan.derived and day.is_past:
        return nothing(Reason.NOT_KEPT, n=found.n, coverage=found.coverage)
    worth = Fraction(rate.amount)
    return Earned(
        found.earned * worth,
        found.planned * worth,
        found.total * worth,
        found.last,
        found.n,
        found.coverage,
        found.reason,
        rate.currency,
    )


@dataclass(frozen=True)
class Cost:
    """What was spent, hours and expenses together, in `currency`; `coverage` is the share of hours with a rate."""

    amount: Fraction
    currency: str
    coverage: Fraction

    @property
    def part(self) -> Part:
        return Part("AC", self.amount, Unit.MONEY)


def actual_cost(facts: ProjectFacts) -> Cost | Reading:
    """Nobody in the organisation logs time: NOT_APPLICABLE. Nothing was spent: ZERO_DENOM. More than 5 % of the hours
    without a rate: NO_DATA. One person's hours at their own rate: NOT_PERMITTED."""
    hours, spent = facts.hours, facts.spent
    if not hours.logged_anywhere:
        return nothing(Reason.NOT_APPLICABLE)
    rated = 1 - Fraction(hours.unrated, hours.seconds) if hours.seconds else Fraction(1)
    if rated < 1 - UNRATED:
        return nothing(Reason.NO_DATA, coverage=rated)
    currencies = {*hours.amounts, *spent.amounts}
    if len(currencies) > 1:
        return nothing(Reason.CURRENCY_MIX, coverage=rated)
    amount = sum((*hours.amounts.values(), *spent.amounts.values()), Fraction(0))
    if not amount:
        return nothing(Reason.ZERO_DENOM, coverage=rated)
    if hours.of_one_person:
        return nothing(Reason.NOT_PERMITTED, coverage=rated)
    return Cost(amount, currencies.pop(), rated)


def earned_and_cost(facts: ProjectFacts, day: Day) -> tuple[Earned, Cost] | Reading:
    """Both in one currency, else CURRENCY_MIX."""
    cost = actual_cost(facts)
    if isinstance(cost, Reading):
        return cost
    found = in_money(facts, day)
    if isinstance(found, Reading):
        return found
    if found.currency != cost.currency:
        return nothing(Reason.CURRENCY_MIX, n=found.n, coverage=found.coverage)
    return found, cost


def amount(
    value: Fraction, of: Fraction, found: Earned, parts: tuple[Part, ...], *, reason: Reason | None = None
) -> Reading:
    """A reading in money that is judged by its share of another amount; of none, it is not judged."""
    return Reading(
        value,
        value,
        of,
        found.n,
        found.coverage,
        reason or found.reason,
        judged=value / of if of else None,
        judgeable=bool(of),
        currency=found.currency,
        parts=parts,
    )
