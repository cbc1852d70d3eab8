"""Whether a project reports when it should, and whether its word can be taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from portfolio.calendar import full_weeks
from portfolio.facts.gather import Day, ProjectFacts
from portfolio.facts.lifecycle import OVER
from portfolio.kpis.declare import Unit, kpi
from portfolio.kpis.reading import Part, Rag, Reading, Reason, nothing, ratio
from portfolio.kpis.thresholds import Direction

WEEKS = 12
CADENCE = {"S": 2}
"""In how many weeks a project of a size owes one report; one week for any other."""
RANK = {Rag.GREEN: 0, Rag.AMBER: 1, Rag.RED: 2}
"""Colours from the best to the worst; grey has no place among them."""


def periods(facts: ProjectFacts, day: Day) -> list[tuple[date, date]]:
    """The reporting periods that are over, first and last day of each: those of the last 12 weeks since the first work
    of the project."""
    weeks = CADENCE.get(facts.size or "", 1)
    mondays = list(full_weeks(day.as_of, WEEKS))[::-1][weeks - 1 :: weeks]
    spans = [(monday, monday + timedelta(days=7 * weeks - 1)) for monday in mondays]
    return [span for span in spans if facts.first_day is not None and span[0] >= facts.first_day]


@kpi(
    "STK-01",
    name="Status report timeliness",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".95",
    amber=".80",
    source="practice default",
    symbols="published / due",
)
def report_timeliness(facts: ProjectFacts, day: Day) -> Reading:
    """Reporting periods with a status update / reporting periods that are over, among the last 12 weeks and since the
    first work of the project. A period is a week, two weeks for a project of size S, which is its size at
    present on every day. Several reports in one period
    count once. Never reported, or the tracker lists no updates but the present one: NO_DATA. No period over yet, or
    closed or cancelled: NOT_APPLICABLE.
    """
    if facts.status in OVER:
        return nothing(Reason.NOT_APPLICABLE)
    due = periods(facts, day)
    if not due:
        return nothing(Reason.NOT_APPLICABLE)
    last = facts.last_report
    if last is None or (last.on >= due[-1][0] and last.on not in facts.report_days):
        return nothing(Reason.NO_DATA)
    met = sum(any(first <= on <= last for on in facts.report_days) for first, last in due)
    return replace(ratio(met, len(due)), parts=(Part("published", met), Part("due", len(due))))


@kpi(
    "STK-03",
    name="RAG honesty",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".05",
    amber=".15",
    source="practice default",
    symbols="better than computed / with both",
    by_colour=True,
)
def honesty(facts: ProjectFacts, _day: Day) -> Reading:
    """Projects whose last report gives a better colour than the computed one / projects that have both. Of one project
    it is 1 or 0. Never reported, or in words that are no colour: NO_DATA; so where no colour could be computed. Closed
    or cancelled: NOT_APPLICABLE.
    """
    if facts.status in OVER:
        return nothing(Reason.NOT_APPLICABLE)
    said = facts.last_report.rag if facts.last_report else None
    gap = rag_gap(said, facts.computed)
    if gap is None:
        return nothing(Reason.NO_DATA)
    better = Fraction(gap > 0)
    parts = (Part("better than computed", better), Part("with both", 1))
    return Reading(better, better, Fraction(1), 1, parts=parts)


def rag_gap(reported: str | None, computed: str | None) -> int | None:
    """By how many steps the reported colour is better than the computed one; negative where it is worse. None where one
    of them is missing or no colour."""
    if reported not in RANK or computed not in RANK:
        return None
    return RANK[Rag(computed)] - RANK[Rag(reported)]
