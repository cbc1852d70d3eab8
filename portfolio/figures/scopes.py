"""From the readings of projects to those of a program, a portfolio, or all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from portfolio.facts.gather import Day, ProjectFacts, pool
from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.declare import Kpi, Together
from portfolio.kpis.rag import OVERALL, distribution
from portfolio.kpis.reading import Reading, Reason, nothing
from portfolio.kpis.thresholds import Direction


def scope_readings(
    facts: Sequence[ProjectFacts], readings: Sequence[Mapping[str, Reading]], day: Day
) -> dict[str, Reading]:
    """The readings of a scope, by KPI, from the facts and readings of its projects (same order in both).

    Coverage of each is the share of projects that have a value. A scope without projects has NO_DATA everywhere.
    """
    pooled = pool(facts)
    result = {
        kpi_id: _together(declared, [of_project[kpi_id] for of_project in readings], pooled, day)
        for kpi_id, declared in KPIS.items()
    }
    return result | distribution([of_project[OVERALL].rag for of_project in readings])


def _together(declared: Kpi, children: Sequence[Reading], pooled: ProjectFacts, day: Day) -> Reading:
    with_data = [reading for reading in children if reading.value is not None]
    coverage = Fraction(len(with_data), len(children)) if children else None
    if declared.together is Together.NOT:
        return nothing(Reason.NOT_APPLICABLE, coverage=coverage)
    if declared.together is Together.POOLED and children:
        return replace(declared.read(pooled, day), coverage=coverage)
    if not with_data:
        return nothing(_common_reason(children), coverage=coverage)
    if declared.together is Together.WORST:
        best_first = declared.direction is Direction.LOWER
        worst = max(with_data, key=lambda reading: (reading.value or Fraction(0)) * (1 if best_first else -1))
        combined = replace(worst, n=sum(reading.n for reading in with_data), coverage=coverage)
    elif declared.together is Together.SUM:
        combined = sum_of(with_data, coverage)
    else:
        combined = sum_over_sum(with_data, coverage)
    # What no project can be judged by, their sum cannot either.
    return declared.coloured(replace(combined, judgeable=any(reading.judgeable for reading in with_data)))


def sum_over_sum(with_data: Sequence[Reading], coverage: Fraction | None) -> Reading:
    """Ratios of several projects taken together: sum of numerators over sum of denominators, never a mean of ratios.

    Denominators above zero add up to one above zero, so there is always a value.
    """
    numerator = sum((reading.numerator or Fraction(0) for reading in with_data), Fraction(0))
    denominator = sum((reading.denominator or Fraction(0) for reading in with_data), Fraction(0))
    reason = next((reading.reason for reading in with_data if reading.reason is not None), None)
    n = sum(reading.n for reading in with_data)
    return Reading(numerator / denominator, numerator, denominator, n, coverage, reason)


def sum_of(with_data: Sequence[Reading], coverage: Fraction | None) -> Reading:
    """Values of several projects added up; amounts in several currencies do not (CURRENCY_MIX)."""
    currencies = {reading.currency for reading in with_data}
    if len(currencies) > 1:
        return nothing(Reason.CURRENCY_MIX, coverage=coverage)
    total = sum((reading.value or Fraction(0) for reading in with_data), Fraction(0))
    n = sum(reading.n for reading in with_data)
    return Reading(total, n=n, coverage=coverage, currency=currencies.pop())


def _common_reason(children: Sequence[Reading]) -> Reason:
    """The reason all projects share; NO_DATA when they differ or there are none."""
    reasons = {reading.reason for reading in children}
    only = reasons.pop() if len(reasons) == 1 else None
    return only or Reason.NO_DATA
