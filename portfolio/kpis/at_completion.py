"""What the project will have cost when it is done: estimates at completion, and what is left for the rest."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from portfolio.facts.costs import HOUR
from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.completion import ENOUGH
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.earned import Cost, Earned, amount, earned_and_cost
from portfolio.kpis.reading import Part, Rag, Reading, Reason, nothing, ratio, share
from portfolio.kpis.thresholds import Direction

_SOURCE = "earned value management, ISO 21508; forecasts after NCMA"


def typical(found: Earned, cost: Cost) -> Fraction:
    """BAC / CPI: what is left costs as what was done did. Nothing earned: as if it cost what was planned."""
    return found.total * cost.amount / found.earned if found.earned else atypical(found, cost)


def atypical(found: Earned, cost: Cost) -> Fraction:
    """AC + BAC - EV: what is left costs what was planned."""
    return cost.amount + found.total - found.earned


def _parts(found: Earned, cost: Cost, *symbols: str) -> tuple[Part, ...]:
    return (*found.parts(*symbols), cost.part)


def _estimate(found: Earned, value: Fraction, parts: tuple[Part, ...]) -> Reading:
    """Judged against what was planned. With nothing earned there is no pace to go by, and the reading says so."""
    return amount(value, found.total, found, parts, reason=None if found.earned else Reason.ZERO_DENOM)


@kpi(
    "CST-03",
    name="Estimate at completion (EAC)",
    unit=Unit.MONEY,
    direction=Direction.LOWER,
    green="1.05",
    amber="1.15",
    source=_SOURCE,
    judged="the share of the planned cost",
    together=Together.SUM,
    symbols="EAC = BAC * AC / EV",
)
def eac(facts: ProjectFacts, day: Day) -> Reading:
    """Planned cost / cost performance (CST-01): the rest costs as what was done did.

    The colour is that of its share of the planned cost. Nothing earned yet: actual cost + planned cost, with ZERO_DENOM
    beside the value. Else as CST-01.
    """
    found = earned_and_cost(facts, day)
    if isinstance(found, Reading):
        return found
    return _estimate(found[0], typical(*found), _parts(*found, "BAC", "EV"))


@kpi(
    "CST-03-ATYPICAL",
    name="Estimate at completion, rest as planned",
    unit=Unit.MONEY,
    direction=Direction.LOWER,
    green="1.05",
    amber="1.15",
    source=_SOURCE,
    judged="the share of the planned cost",
    together=Together.SUM,
    symbols="EAC = AC + BAC - EV",
)
def eac_atypical(facts: ProjectFacts, day: Day) -> Reading:
    """Actual cost + planned cost of the rest: what went wrong will not go wrong again. Else as CST-03."""
    found = earned_and_cost(facts, day)
    if isinstance(found, Reading):
        return found
    return amount(atypical(*found), found[0].total, found[0], _parts(*found, "BAC", "EV"))


@kpi(
    "CST-03-SCHEDULE",
    name="Estimate at completion, by cost and schedule",
    unit=Unit.MONEY,
    direction=Direction.LOWER,
    green="1.05",
    amber="1.15",
    source=_SOURCE,
    judged="the share of the planned cost",
    together=Together.SUM,
    symbols="EAC = AC + (BAC - EV) / (EV / AC * EV / PV)",
)
def eac_by_schedule(facts: ProjectFacts, day: Day) -> Reading:
    """Actual cost + planned cost of the rest / (CST-01 * SCH-01): lost time is bought back.

    Nothing planned yet: ZERO_DENOM. Else as CST-03.
    """
    found = earned_and_cost(facts, day)
    if isinstance(found, Reading):
        return found
    earned, cost = found
    if not earned.planned:
        return nothing(Reason.ZERO_DENOM, n=earned.n, coverage=earned.coverage)
    value = atypical(earned, cost)
    if earned.earned:
        rest = earned.total - earned.earned
        value = cost.amount + rest * cost.amount * earned.planned / earned.earned**2
    return _estimate(earned, value, _parts(earned, cost, "BAC", "EV", "PV"))


@kpi(
    "CST-03-BOTTOMUP",
    name="Estimate at completion, from what remains",
    unit=Unit.MONEY,
    direction=Direction.LOWER,
    green="1.05",
    amber="1.15",
    source=_SOURCE,
    judged="the share of the planned cost",
    together=Together.SUM,
    symbols="EAC = AC + remaining * rate",
    behind=("remaining_effort",),
)
def eac_bottom_up(facts: ProjectFacts, day: Day) -> Reading:
    """Actual cost + remaining effort of all open work at the plan rate, work that is not in the baseline included.

    What remains of an item that does not say is what is left of its estimate by the time logged on it. Fewer than .8 of
    the open items say either: NO_DATA. Else as CST-03.
    """
    found, rate = earned_and_cost(facts, day), facts.plan.rate
    if isinstance(found, Reading) or rate is None:
        return found if isinstance(found, Reading) else nothing(Reason.NO_DATA)
    coverage = share(facts["work_open_with_remaining"], facts["work_open"])
    if coverage is not None and coverage < ENOUGH:
        return nothing(Reason.NO_DATA, n=facts["work_open_with_remaining"], coverage=coverage)
    remaining = Fraction(facts["remaining_effort"] - facts.samples.used_up.seconds, HOUR)
    earned, cost = found
    parts = (cost.part, Part("remaining", remaining, Unit.HOURS), Part("rate", Fraction(rate.amount), Unit.MONEY))
    return amount(cost.amount + remaining * Fraction(rate.amount), earned.total, earned, parts)


@kpi(
    "CST-04",
    name="Variance at completion (VAC)",
    unit=Unit.MONEY,
    direction=Direction.HIGHER,
    green="-.05",
    amber="-.15",
    source=_SOURCE,
    judged="the share of the planned cost",
    together=Together.SUM,
    symbols="VAC = BAC - EAC",
)
def vac(facts: ProjectFacts, day: Day) -> Reading:
    """Planned cost - estimate at completion (CST-03); the colour is that of its share of the planned cost."""
    found = earned_and_cost(facts, day)
    if isinstance(found, Reading):
        return found
    expected = typical(*found)
    parts = (*found[0].parts("BAC"), Part("EAC", expected, Unit.MONEY))
    return _estimate(found[0], found[0].total - expected, parts)


@kpi(
    "CST-04-ETC",
    name="Estimate to complete (ETC)",
    unit=Unit.MONEY,
    direction=Direction.LOWER,
    source=_SOURCE,
    together=Together.SUM,
    symbols="ETC = EAC - AC",
)
def etc(facts: ProjectFacts, day: Day) -> Reading:
    """Estimate at completion (CST-03) - actual cost: what is still to be paid."""
    found = earned_and_cost(facts, day)
    if isinstance(found, Reading):
        return found
    expected = typical(*found)
    parts = (Part("EAC", expected, Unit.MONEY), found[1].part)
    return _estimate(found[0], expected - found[1].amount, parts)


def to_complete(planned: Fraction, earned: Fraction, spent: Fraction, expected: Fraction) -> Reading:
    """(BAC - EV) / (BAC - AC). The money is spent and the work is not done: what it takes to meet the estimate at
    completion instead, red. All is earned: NOT_APPLICABLE."""
    if earned >= planned:
        return nothing(Reason.NOT_APPLICABLE)
    if spent >= planned:
        index = ratio(planned - earned, expected - spent)
        return replace(index, reason=Reason.UNATTAINABLE, settled=Rag.RED)
    return ratio(planned - earned, planned - spent)


@kpi(
    "CST-05",
    name="To-complete cost performance (TCPI)",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green="1.00",
    amber="1.10",
    source="earned value management, ISO 21508; 1.10 as the practical limit, Lipke 2016",
    together=Together.NOT,
    symbols="TCPI = (BAC - EV) / (BAC - AC)",
)
def tcpi(facts: ProjectFacts, day: Day) -> Reading:
    """The cost performance the rest of the work needs for the planned cost to hold: above 1.10 hardly anybody gets it.

    The planned cost is spent and the work is not done: red, with reason UNATTAINABLE, and the value is that against the
    estimate at completion (CST-03). All is done: NOT_APPLICABLE. Else as CST-01.
    """
    found = earned_and_cost(facts, day)
    if isinstance(found, Reading):
        return found
    earned, cost = found
    expected = typical(earned, cost)
    reading = to_complete(earned.total, earned.earned, cost.amount, expected)
    parts = (*_parts(earned, cost, "BAC", "EV"), Part("EAC", expected, Unit.MONEY))
    reason = reading.reason or earned.reason
    return replace(reading, n=earned.n, coverage=earned.coverage, reason=reason, parts=parts)
