"""From the readings of projects to those of a program, a portfolio, or all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from portfolio.facts.gather import Day, ProjectFacts, pool
from portfolio.facts.staffed import Staffed
from portfolio.governance.settings import Resolved
from portfolio.kpis.declare import Together
from portfolio.kpis.rag import OVERALL, distribution
from portfolio.kpis.reading import Rag, Reading, Reason, nothing
from portfolio.kpis.reporting import RANK
from portfolio.kpis.thresholds import Direction


def scope_readings(
    facts: Sequence[ProjectFacts],
    readings: Sequence[Mapping[str, Reading]],
    day: Day,
    resolved: Mapping[str, Resolved],
    objectives: Collection[int] = (),
    staffed: Staffed | None = None,
) -> dict[str, Reading]:
    """The readings of a scope, by KPI, from the facts and readings of its projects (same order in both).

    `resolved` is what counts in the scope: a KPI that is off there is left out, and a project in which it is off does
    not count in it. `staffed` are the hours of all persons, where the scope is everything; figures of persons are of
    no other scope. `objectives` are those of the scope, whether a project serves them or not. Coverage of each is the
    share of counting projects that have a value which adds up. A scope without projects has NO_DATA everywhere.
    """
    coloured = [own.with_colour(of_project[OVERALL].rag) for own, of_project in zip(facts, readings, strict=True)]
    pools: dict[tuple[int, ...], ProjectFacts] = {}

    def pooled(counting: tuple[int, ...]) -> ProjectFacts:
        if counting not in pools:
            pools[counting] = pool((coloured[each] for each in counting), objectives)
        return pools[counting]

    result = {}
    for kpi_id, it in resolved.items():
        if it.kpi.together is Together.PERSONS:
            if it.on and staffed is not None:
                result[kpi_id] = it.kpi.read(ProjectFacts(staffed=staffed), day, it.limits)
        elif it.on:
            counting = tuple(place for place, of_project in enumerate(readings) if kpi_id in of_project)
            children = [readings[place][kpi_id] for place in counting]
            result[kpi_id] = _together(it, children, partial(pooled, counting), day)
    budgets = None if day.is_past else [own.budget for own in facts]
    return result | distribution([of_project[OVERALL].rag for of_project in readings], budgets)


def _together(resolved: Resolved, children: Sequence[Reading], pooled: Callable[[], ProjectFacts], day: Day) -> Reading:
    declared = resolved.kpi
    children = [nothing(Reason.NOT_IN_HOURS) if reading.alone else reading for reading in children]
    with_data = [reading for reading in children if reading.value is not None]
    coverage = Fraction(len(with_data), len(children)) if children else None
    if declared.together is Together.NOT:
        return nothing(Reason.NOT_APPLICABLE, coverage=coverage)
    if declared.together is Together.POOLED and children:
        return replace(declared.read(pooled(), day, resolved.limits), coverage=coverage)
    if not with_data:
        return nothing(_common_reason(children), coverage=coverage)
    if declared.together is Together.WORST:
        best_first = declared.direction is Direction.LOWER
        worst = max(with_data, key=lambda reading: (reading.value or Fraction(0)) * (1 if best_first else -1))
        # A colour of their own each project has against a measure of its own, which need not be the last one's.
        settled = _worst_settled(with_data)
        n = sum(reading.n for reading in with_data)
        combined = replace(worst, n=n, coverage=coverage, judgeable=True, settled=settled)
    elif declared.together is Together.SUM:
        combined = sum_of(with_data, coverage)
    else:
        combined = sum_over_sum(with_data, coverage)
    # What no project can be judged by, their sum cannot either.
    judgeable = combined.judgeable and any(reading.judgeable for reading in with_data)
    return declared.coloured(replace(combined, rag=Rag.GREY, judgeable=judgeable), resolved.limits)


def sum_over_sum(with_data: Sequence[Reading], coverage: Fraction | None) -> Reading:
    """Ratios of several projects taken together: sum of numerators over sum of denominators, never a mean of ratios.

    Denominators above zero add up to one above zero, so there is always a value, but for amounts in several currencies
    (CURRENCY_MIX).
    """
    if len({reading.currency for reading in with_data}) > 1:
        return nothing(Reason.CURRENCY_MIX, coverage=coverage)
    numerator = _sum(reading.numerator for reading in with_data)
    denominator = _sum(reading.denominator for reading in with_data)
    reason = next((reading.reason for reading in with_data if reading.reason is not None), None)
    n = sum(reading.n for reading in with_data)
    currency = with_data[0].currency
    return Reading(numerator / denominator, numerator, denominator, n, coverage, reason, currency=currency)


def sum_of(with_data: Sequence[Reading], coverage: Fraction | None) -> Reading:
    """Values of several projects added up; amounts in several currencies do not (CURRENCY_MIX).

    Where a project's value is judged by its share of something, so is the sum: sum of numerators over sum of
    denominators. One whose share is of nothing counts in it; where all are, the worst of their colours stands. What
    else is judged of a project is not of their sum.
    """
    currencies = {reading.currency for reading in with_data}
    if len(currencies) > 1:
        return nothing(Reason.CURRENCY_MIX, coverage=coverage)
    total = _sum(reading.value for reading in with_data)
    n = sum(reading.n for reading in with_data)
    reason = next((reading.reason for reading in with_data if reading.reason is not None), None)
    summed = Reading(total, n=n, coverage=coverage, reason=reason, currency=currencies.pop())
    shares = [reading for reading in with_data if reading.denominator is not None]
    if not shares:
        return replace(summed, judgeable=all(reading.judged is None for reading in with_data))
    part, whole = (_sum(getattr(reading, name) for reading in shares) for name in ("numerator", "denominator"))
    of_it = replace(summed, numerator=part, denominator=whole)
    if whole:
        return replace(of_it, judged=part / whole)
    settled = _worst_settled(shares)
    return replace(of_it, settled=settled, judgeable=settled is not None)


def _worst_settled(readings: Iterable[Reading]) -> Rag | None:
    return max((reading.settled for reading in readings if reading.settled), key=RANK.__getitem__, default=None)


def _sum(numbers: Iterable[Fraction | None]) -> Fraction:
    """The exact sum; None adds nothing. Those over one denominator are added as whole numbers: most are counts."""
    over: dict[int, int] = defaultdict(int)
    for number in numbers:
        if number is not None:
            over[number.denominator] += number.numerator
    return sum((Fraction(total, denominator) for denominator, total in over.items()), Fraction(0))


def _common_reason(children: Sequence[Reading]) -> Reason:
    """The reason all projects share; NO_DATA when they differ or there are none.

    What is not kept of some cannot be said of all, whatever else is missing.
    """
    reasons = {reading.reason for reading in children}
    if Reason.NOT_KEPT in reasons:
        return Reason.NOT_KEPT
    only = reasons.pop() if len(reasons) == 1 else None
    return only or Reason.NO_DATA
