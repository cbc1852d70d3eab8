"""Milestones against their baseline.

Decision. The value of SCH-07 is taken over all milestones with a baseline, also those that lie ahead and were never
moved: their slip is 0. Its colour needs evidence: at least one of them was reached, has come due, or was moved.
Promises that nobody could have broken yet say nothing about how promises are kept, and silence is never green.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.facts.milestones import MilestoneDates
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.reading import Part, Reading, Reason, nothing, ratio, share
from portfolio.kpis.thresholds import Direction


def slip(milestone: MilestoneDates, day: Day) -> int | None:
    """Working days from baseline to the actual date, else to the date expected, else to the day if that is past.

    Negative when early. None without a baseline, and for an open one that is not late and has no expected date.
    """
    if milestone.baseline is None:
        return None
    reached = milestone.finished_on
    if reached is None:
        expected = milestone.due if milestone.due is not None else milestone.baseline
        if milestone.due is None and expected >= day.as_of:
            return None
        # What is overdue can be reached today at the earliest.
        reached = max(expected, day.as_of)
    return day.calendar.slip(milestone.baseline, reached)


def tried(milestone: MilestoneDates, day: Day) -> bool:
    """Whether its slip is evidence: it was reached, has come due by its baseline, or is expected on another day."""
    baseline, due = milestone.baseline, milestone.due
    if baseline is None:
        return False
    return milestone.finished_on is not None or baseline <= day.as_of or (due is not None and due != baseline)


def _any_tried(milestones: Iterable[MilestoneDates], day: Day) -> bool:
    return any(tried(milestone, day) for milestone in milestones)


def _slips(facts: ProjectFacts, day: Day) -> list[int]:
    return [days for milestone in facts.milestones if (days := slip(milestone, day)) is not None]


def _without(facts: ProjectFacts) -> Reading:
    if not facts.milestones:
        return nothing(Reason.NO_DATA)
    return nothing(Reason.NO_BASELINE, coverage=Fraction(0))


@kpi(
    "SCH-07",
    name="Milestone slippage",
    unit=Unit.WORKDAYS,
    direction=Direction.LOWER,
    green="0",
    amber="5",
    source="control of milestones, ISO 21502; limits practice default",
    symbols="sum of slips / milestones",
)
def slippage(facts: ProjectFacts, day: Day) -> Reading:
    """Mean slip in working days over the milestones with a baseline: from baseline to the actual date, else the
    forecast (due), else the day itself if overdue. Early ones count below zero. No milestones: NO_DATA; none with a
    baseline: NO_BASELINE. Coverage is the share of milestones that could be measured, n their number. Grey while none
    of them was reached, has come due, or was moved. Programs and portfolios have a colour as soon as one project has.
    """
    slips = _slips(facts, day)
    if not slips:
        return _without(facts)
    mean = ratio(sum(slips), len(slips), coverage=share(len(slips), len(facts.milestones)))
    parts = (Part("sum of slips", sum(slips), Unit.WORKDAYS), Part("milestones", len(slips)))
    return replace(mean, judgeable=_any_tried(facts.milestones, day), parts=parts)


@kpi(
    "SCH-07-MAX",
    name="Largest milestone slippage",
    unit=Unit.WORKDAYS,
    direction=Direction.LOWER,
    green="0",
    amber="5",
    source="control of milestones, ISO 21502; limits practice default",
    together=Together.WORST,
    symbols="largest slip of milestones",
)
def largest_slippage(facts: ProjectFacts, day: Day) -> Reading:
    """The largest slip of SCH-07, in working days; grey as SCH-07 is. Programs and portfolios: the largest of their
    projects.
    """
    slips = _slips(facts, day)
    if not slips:
        return _without(facts)
    coverage = share(len(slips), len(facts.milestones))
    judgeable, parts = _any_tried(facts.milestones, day), (Part("milestones", len(slips)),)
    return Reading(Fraction(max(slips)), n=len(slips), coverage=coverage, judgeable=judgeable, parts=parts)


@kpi(
    "SCH-07-SLIPPED",
    name="Milestones that slipped",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    source="control of milestones, ISO 21502",
    symbols="slipped / milestones",
)
def slipped(facts: ProjectFacts, day: Day) -> Reading:
    """Milestones whose slip (SCH-07) is above zero / milestones that could be measured. It has no limits of its own."""
    slips = _slips(facts, day)
    if not slips:
        return _without(facts)
    late = sum(days > 0 for days in slips)
    coverage = share(len(slips), len(facts.milestones))
    parts = (Part("slipped", late), Part("milestones", len(slips)))
    return replace(ratio(late, len(slips), coverage=coverage), parts=parts)


@kpi(
    "SCH-08",
    name="Milestone hit rate",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".90",
    amber=".75",
    source="practice default",
    symbols="met / due",
)
def hit_rate(facts: ProjectFacts, day: Day) -> Reading:
    """Milestones reached on or before their baseline / milestones with a baseline up to the day.

    No milestones: NO_DATA; none due yet: NOT_APPLICABLE.
    """
    if not facts.milestones:
        return nothing(Reason.NO_DATA)
    due = [row for row in facts.milestones if row.baseline is not None and row.baseline <= day.as_of]
    if not due:
        return nothing(Reason.NOT_APPLICABLE)
    met = sum(1 for row in due if row.finished_on is not None and row.baseline and row.finished_on <= row.baseline)
    return replace(ratio(met, len(due)), parts=(Part("met", met), Part("due", len(due))))
