"""Compliance, from what the rules found."""

from __future__ import annotations

from fractions import Fraction

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.governance.rules import Severity, Step
from portfolio.governance.score import Weighed, score
from portfolio.kpis.declare import Unit, kpi
from portfolio.kpis.reading import Part, Reading, Reason, nothing
from portfolio.kpis.thresholds import Direction


@kpi(
    "GOV-01",
    name="Compliance score",
    unit=Unit.POINTS,
    direction=Direction.HIGHER,
    green="85",
    amber="70",
    source="practice default",
    symbols="score = 100 * passed / applies",
    asked_in=Step.OF_SCORE,
)
def compliance(facts: ProjectFacts, day: Day) -> Reading:
    """100 times the weight of the rules that pass over the weight of those that apply: 8 for a critical rule, 5 high, 3
    medium, 1 low. A failed critical rule caps it at 59.

    What is not applicable, waived or in its days of grace leaves both; so does a rule that asks for what rules found or
    for the colour, which is judged after the score. No run of the rules: NO_DATA, or NOT_KEPT of a day that is over; no
    rule that applies: NOT_APPLICABLE. n is the number of rules that apply. Several projects: their scores, by the
    weight of what applies.
    """
    if not facts.findings:
        return _without(day)
    found = score(
        Weighed(Severity(it.severity), it.outcome, it.in_grace, it.rules) for it in facts.findings if it.scored
    )
    if found.value is None:
        return nothing(Reason.NOT_APPLICABLE)
    parts = (Part("passed", found.passed), Part("applies", found.applicable))
    weight = Fraction(found.applicable)
    return Reading(found.value, found.value * weight, weight, found.rules, parts=parts)


@kpi(
    "GOV-06",
    name="Waiver load",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green="0.05",
    amber="0.10",
    source="practice default",
    symbols="load = waived / applies",
    asked_in=Step.OF_WAIVERS,
)
def waiver_load(facts: ProjectFacts, day: Day) -> Reading:
    """Rules that are waived, over those that apply: that pass, fail or are waived, those in their days of grace and
    those that do not count in the score among them.

    A waiver of a rule that passes lets nobody off and is not counted; nor does one that is over let anybody off. Rules
    that ask for waivers, or for this figure, count in neither. No run of the rules: NO_DATA, or NOT_KEPT of a day that
    is over; no rule that applies: NOT_APPLICABLE.
    """
    if not facts.findings:
        return _without(day)
    waived = sum(it.rules for it in facts.findings if it.outcome == "waived")
    applies = sum(it.rules for it in facts.findings if it.outcome in ("pass", "fail", "waived"))
    if not applies:
        return nothing(Reason.NOT_APPLICABLE)
    parts = (Part("waived", waived), Part("applies", applies))
    return Reading(Fraction(waived, applies), Fraction(waived), Fraction(applies), applies, parts=parts)


def _without(day: Day) -> Reading:
    """Rules are run for the day that is going on, never for one that is over."""
    return nothing(Reason.NOT_KEPT if day.is_past else Reason.NO_DATA)
