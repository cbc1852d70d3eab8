"""The risk register in figures: what may be lost, whether it is covered, and whether the register is looked after.

The five-by-five score is ordinal. It stands beside a risk and is never added up or taken for money.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.facts.money import Money
from portfolio.facts.risks import RiskLine
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.reading import Part, Rag, Reading, Reason, nothing, ratio, share
from portfolio.kpis.thresholds import Direction

_EMV = "expected monetary value, PMI; limits practice default"


def _measured(lines: Iterable[RiskLine]) -> list[RiskLine]:
    return [line for line in lines if line.probability is not None and line.impact is not None]


def _expected(lines: Iterable[RiskLine], *, residual: bool = False) -> Fraction:
    """Sum of probability x impact; with `residual`, the probability after the response where that is told."""
    total = Fraction(0)
    for line in lines:
        after = line.residual if residual and line.residual is not None else line.probability
        total += (after or 0) * (line.impact or 0) * line.risks
    return total


def _threats(facts: ProjectFacts) -> list[RiskLine]:
    return [line for line in facts.risks.lines if not line.opportunity]


def _exposure(facts: ProjectFacts, day: Day, *, residual: bool = False) -> Reading:
    """The expected loss by the open threats whose chance and cost are known, in their currency."""
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    if not facts.risks.known:
        return nothing(Reason.NO_DATA)
    threats = _threats(facts)
    measured = _measured(threats)
    count, n = sum(line.risks for line in threats), sum(line.risks for line in measured)
    coverage = share(n, count)
    if threats and not measured:
        return nothing(Reason.NO_DATA, coverage=coverage)
    currencies = {line.currency for line in measured}
    if len(currencies) > 1:
        return nothing(Reason.CURRENCY_MIX, n=n, coverage=coverage)
    currency = currencies.pop() if currencies else (facts.contingency.currency if facts.contingency else None)
    expected = _expected(measured, residual=residual)
    gains = _expected(_measured(line for line in facts.risks.lines if line.opportunity and line.currency == currency))
    parts = (
        Part("EMV", expected, Unit.MONEY),
        Part("opportunities", gains, Unit.MONEY),
        Part("open threats", count),
        Part("of these with probability and impact", n),
    )
    return Reading(expected, n=n, coverage=coverage, currency=currency, parts=parts)


def _contingency(facts: ProjectFacts, currency: str | None) -> Money | Reason:
    """What was put aside for risks, in the currency; or why that cannot be said."""
    if facts.contingency is None:
        return Reason.NO_DATA
    if currency is not None and facts.contingency.currency != currency:
        return Reason.CURRENCY_MIX
    return facts.contingency


@kpi(
    "RSK-01",
    name="Risk exposure",
    unit=Unit.MONEY,
    direction=Direction.LOWER,
    green="1",
    amber="1.25",
    source=_EMV,
    judged="the share of the contingency",
    together=Together.SUM,
    symbols="EMV = sum of probability x impact",
    behind=("open_risks",),
)
def exposure(facts: ProjectFacts, day: Day) -> Reading:
    """Expected monetary value: sum of probability x impact on cost over the open threats. Opportunities are shown
    beside it and set nothing off. Judged by its share of the contingency; without one it has no colour, and with one
    of nothing, any exposure is red. Threats without probability or impact are left out: coverage is the share of the
    others. No risk was ever recorded, or none of the open ones is measured: NO_DATA. Impacts in several currencies:
    CURRENCY_MIX. Day in the past: NOT_KEPT.
    """
    reading = _exposure(facts, day)
    if reading.value is None:
        return reading
    left = _contingency(facts, reading.currency)
    if isinstance(left, Reason):
        return replace(reading, judgeable=False)
    parts = (*reading.parts, Part("contingency", left.amount, Unit.MONEY))
    of_it = replace(reading, numerator=reading.value, denominator=left.amount, parts=parts)
    if not left.amount:
        return replace(of_it, settled=Rag.RED if reading.value else Rag.GREEN)
    return replace(of_it, judged=reading.value / left.amount)


@kpi(
    "RSK-02",
    name="Contingency coverage",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green="1.0",
    amber=".8",
    source=_EMV,
    symbols="contingency left / EMV",
    behind=("open_risks",),
)
def coverage_by_contingency(facts: ProjectFacts, day: Day) -> Reading:
    """Contingency left / expected monetary value of the open threats (RSK-01). Left is what approved change requests
    did not draw (CST-07). Nothing to cover (EMV 0): NOT_APPLICABLE, for no contingency can be too small then. No
    contingency recorded, no risk measured, or no approved change says what it costs: NO_DATA. Some do not: coverage is
    the share of those that do, where it is lower than that of the threats. Another currency: CURRENCY_MIX. Day in the
    past: NOT_KEPT.
    """
    reading = _exposure(facts, day)
    if reading.value is None:
        return reading
    if not reading.value:
        return nothing(Reason.NOT_APPLICABLE, coverage=reading.coverage)
    known = share(facts.changes.costed, facts.changes.approved)
    if known == 0:
        return nothing(Reason.NO_DATA, n=reading.n, coverage=known)
    reserve = _contingency(facts, reading.currency)
    if isinstance(reserve, Reason):
        return nothing(reserve, n=reading.n, coverage=reading.coverage)
    drawn = facts.changes.drawn
    if set(drawn) - {reserve.currency}:
        return nothing(Reason.CURRENCY_MIX, n=reading.n, coverage=reading.coverage)
    left = max(Fraction(0), Fraction(reserve.amount) - drawn.get(reserve.currency, Fraction(0)))
    sure = min(it for it in (known, reading.coverage) if it is not None)
    covered = ratio(left, reading.value, n=reading.n, coverage=sure)
    parts = (Part("contingency left", left, Unit.MONEY), *reading.parts)
    return replace(covered, currency=reading.currency, parts=parts)


@kpi(
    "RSK-03",
    name="Risk burndown",
    unit=Unit.MONEY,
    direction=Direction.LOWER,
    green="-1",
    amber="0",
    source="practice default",
    judged="whether it rises (1), stays (0) or falls (-1) in four weeks",
    together=Together.SUM,
    symbols="EMV = sum of residual probability x impact",
    behind=("open_risks",),
)
def burndown(facts: ProjectFacts, day: Day) -> Reading:
    """Expected monetary value of the open threats after their responses: with the residual probability where one is
    told. Judged by what it was kept as four weeks ago: falling is green, the same amber, rising red; without an earlier
    value, or in another currency, it has no colour. A program or portfolio is not judged. Reasons as of RSK-01.
    """
    reading = _exposure(facts, day, residual=True)
    if reading.value is None:
        return reading
    if facts.exposure_before is None or facts.exposure_before[1] != reading.currency:
        return replace(reading, judgeable=False)
    before, now = facts.exposure_before[0], float(reading.value)
    parts = (*reading.parts, Part("EMV four weeks ago", Fraction(before), Unit.MONEY))
    return replace(reading, judged=Fraction((now > before) - (now < before)), parts=parts)


@kpi(
    "RSK-04",
    name="Risk hygiene",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".90",
    amber=".70",
    source="practice default",
    symbols="tended / open",
    behind=("open_risks",),
)
def hygiene(facts: ProjectFacts, day: Day) -> Reading:
    """Open risks with an owner, a response and a next review that is not past / open risks, opportunities included.
    No risk was ever recorded: NO_DATA; none is open: NOT_APPLICABLE. Day in the past: NOT_KEPT.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    register = facts.risks
    if not register.open:
        return nothing(Reason.NOT_APPLICABLE if register.known else Reason.NO_DATA)
    tended = ratio(register.tended, register.open)
    return replace(tended, parts=(Part("tended", register.tended), Part("open", register.open)))


@kpi(
    "RSK-05",
    name="High issues past due",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green="0",
    amber=".2",
    source="practice default",
    symbols="late / open",
    behind=("open_issues_overdue",),
)
def late_issues(facts: ProjectFacts, day: Day) -> Reading:
    """Open issues of high severity (else priority) past their due date / all such open issues. An issue without a due
    date is not late. None is open: NOT_APPLICABLE. How severe an issue was is not kept: NOT_KEPT for a past day.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    if not facts.issues.open:
        return nothing(Reason.NOT_APPLICABLE)
    late = ratio(facts.issues.late, facts.issues.open)
    return replace(late, parts=(Part("late", facts.issues.late), Part("open", facts.issues.open)))


@kpi(
    "RSK-05-TIME",
    name="Time to resolve issues",
    unit=Unit.WORKDAYS,
    direction=Direction.LOWER,
    source="practice default",
    symbols="working days / issues",
)
def time_to_resolve(facts: ProjectFacts, day: Day) -> Reading:
    """Mean working days from raising to resolving an issue, over those resolved in the last 90 days. None: NO_DATA. It
    has no limits: what is quick depends on the issue.
    """
    resolved = facts.issues.resolved
    count = sum(row.issues for row in resolved)
    if not count:
        return nothing(Reason.NO_DATA)
    days = sum(day.calendar.since(row.raised_on, row.resolved_on) * row.issues for row in resolved)
    return replace(ratio(days, count), parts=(Part("working days", days), Part("issues", count)))
