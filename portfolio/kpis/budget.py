"""The money a project was given: how fast it goes, what is drawn on the contingency, and how expenses are vouched for.

Budget and contingency are known of the present only: NOT_KEPT on past days.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.earned import actual_cost, in_units
from portfolio.kpis.reading import Part, Reading, Reason, nothing, ratio, share
from portfolio.kpis.thresholds import Direction


@kpi(
    "CST-06",
    name="Budget burn ahead of progress",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".05",
    amber=".15",
    source="practice default",
    symbols="gap = AC / budget - EV / BAC",
)
def burn(facts: ProjectFacts, day: Day) -> Reading:
    """The share of the budget that is spent - the share of the plan that is earned: above zero money goes faster.

    Actual cost as in CST-01, earned share as in SCH-01, whatever the plan is counted in. No budget: NO_DATA. Any day
    before the present one: NOT_KEPT, for nobody kept the budget of then. Programs and portfolios: the shares earned
    weigh by budget.
    """
    found, cost, budget = in_units(facts, day), actual_cost(facts), facts.budget
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    if budget is None or not budget.amount:
        return nothing(Reason.NO_DATA)
    if isinstance(cost, Reading):
        return cost
    if isinstance(found, Reading):
        return found
    if cost.currency != budget.currency:
        return nothing(Reason.CURRENCY_MIX, n=found.n, coverage=found.coverage)
    whole = Fraction(budget.amount)
    gap = ratio(cost.amount - found.complete * whole, whole, n=found.n, coverage=found.coverage)
    parts = (cost.part, Part("budget", whole, Unit.MONEY), *found.parts("EV", "BAC"))
    return replace(gap, reason=found.reason, currency=cost.currency, parts=parts)


@kpi(
    "CST-07",
    name="Contingency drawdown",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".10",
    amber=".25",
    source="practice default",
    judged="how far it is ahead of the share of the plan that is earned",
    together=Together.NOT,
    symbols="drawn / contingency",
)
def drawdown(facts: ProjectFacts, day: Day) -> Reading:
    """What approved change requests cost / the contingency. The colour is that of how far it is ahead of the share of
    the plan that is earned (SCH-01); without a plan it has none. Coverage is the share of the approved ones that
    say what they cost; the others draw nothing that is known.

    No contingency, no change request at all, or approved ones of which none says what it costs: NO_DATA. Any day before
    the present one: NOT_KEPT.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    reserve, drawn = facts.contingency, facts.changes.drawn
    if reserve is None or not reserve.amount or not facts.changes.requests:
        return nothing(Reason.NO_DATA)
    coverage = share(facts.changes.costed, facts.changes.approved)
    if coverage == 0:
        return nothing(Reason.NO_DATA, coverage=coverage)
    if set(drawn) - {reserve.currency}:
        return nothing(Reason.CURRENCY_MIX, coverage=coverage)
    spent, whole = drawn.get(reserve.currency, Fraction(0)), Fraction(reserve.amount)
    reading = ratio(spent, whole, n=sum(request.items for request in facts.changes.requests), coverage=coverage)
    found = in_units(facts, day)
    parts = (Part("drawn", spent, Unit.MONEY), Part("contingency", whole, Unit.MONEY))
    if isinstance(found, Reading) or reading.value is None:
        return replace(reading, currency=reserve.currency, judgeable=False, parts=parts)
    ahead = reading.value - found.complete
    return replace(reading, currency=reserve.currency, judged=ahead, reason=found.reason, parts=parts)


@kpi(
    "CST-09",
    name="Expenses with receipt and approval",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".98",
    amber=".90",
    source="practice default",
    symbols="vouched / expenses",
)
def vouched(facts: ProjectFacts, day: Day) -> Reading:
    """Expenses that have a receipt and somebody's approval / all expenses, in number. No expense: NO_DATA. Any day
    before the present one: NOT_KEPT, for nobody kept what vouched for them then.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    if not facts.spent.expenses:
        return nothing(Reason.NO_DATA)
    reading = ratio(facts.spent.vouched, facts.spent.expenses)
    parts = (Part("vouched", facts.spent.vouched), Part("expenses", facts.spent.expenses))
    return replace(reading, parts=parts)
