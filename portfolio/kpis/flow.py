"""How work flows: cycle time, throughput, work in progress and its age (terms of the Kanban Guide)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from portfolio.calendar import full_weeks
from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Formula, Kpi, Together, Unit, kpi
from portfolio.kpis.percentile import nearest_rank
from portfolio.kpis.reading import Part, Reading, Reason, nothing, ratio, share
from portfolio.kpis.thresholds import Direction

MIN_FINISHED = 10
WEEKS = 12
MIN_WEEKS = 4
_KANBAN = "Kanban Guide; nearest-rank percentile"


def cycle_days(facts: ProjectFacts) -> list[tuple[int, int]]:
    """(calendar days from start to finish, both counted; how many items) of what was finished in the last 90 days."""
    return [
        ((row.finished_on - row.started_on).days + 1, row.items)
        for row in facts.finished
        if row.started_on is not None and row.started_on <= row.finished_on
    ]


def _percentile(counted: Sequence[tuple[int, int]], of: int, percent: int) -> Reading:
    """A percentile of days, of `of` items of which some may not be counted."""
    sample = sum(times for _, times in counted)
    coverage = share(sample, of)
    found = nearest_rank(counted, percent)
    if found is None or sample < MIN_FINISHED:
        return nothing(Reason.INSUFFICIENT_SAMPLE, n=sample, coverage=coverage)
    return Reading(Fraction(found), n=sample, coverage=coverage, parts=(Part("items", sample),))


def _cycle_time(facts: ProjectFacts, percent: int) -> Reading:
    return _percentile(cycle_days(facts), sum(row.items for row in facts.finished), percent)


def _lead_time(facts: ProjectFacts, percent: int) -> Reading:
    rows = [(row.days, row.items) for row in facts.samples.leads]
    return _percentile(rows, sum(row.items for row in facts.finished), percent)


def _days(kpi_id: str, name: str, symbols: str) -> Callable[[Formula], Kpi]:
    return kpi(
        kpi_id,
        name=name,
        unit=Unit.DAYS,
        direction=Direction.LOWER,
        source=_KANBAN,
        together=Together.POOLED,
        symbols=symbols,
        behind=("finished_in_90_days",),
    )


@_days("FLW-01", "Cycle time P85", "85th percentile of (finish - start + 1) over items")
def cycle_time_p85(facts: ProjectFacts, _day: Day) -> Reading:
    """85 % of the work finished in the last 90 days took this many calendar days or fewer.

    (finish - start) + 1; start is the first entry to in progress, finish the last entry to done, still done. Nearest
    rank. What finished before it started, or never started, is left out. Fewer than 10 finished: INSUFFICIENT_SAMPLE.
    Coverage is the share of finished work whose start is known. It has no limits until they are set: the service level
    expectation as green, 1.25 times as much as amber. Programs and portfolios: over all items together.
    """
    return _cycle_time(facts, 85)


@_days("FLW-01-P50", "Cycle time P50", "50th percentile of (finish - start + 1) over items")
def cycle_time_p50(facts: ProjectFacts, _day: Day) -> Reading:
    """Half of the work finished in the last 90 days took this many calendar days or fewer; else as FLW-01."""
    return _cycle_time(facts, 50)


@_days("FLW-01-P95", "Cycle time P95", "95th percentile of (finish - start + 1) over items")
def cycle_time_p95(facts: ProjectFacts, _day: Day) -> Reading:
    """95 % of the work finished in the last 90 days took this many calendar days or fewer; else as FLW-01."""
    return _cycle_time(facts, 95)


@_days("FLW-02", "Lead time P85", "85th percentile of (finish - creation + 1) over items")
def lead_time_p85(facts: ProjectFacts, _day: Day) -> Reading:
    """85 % of the work finished in the last 90 days was done this many calendar days after its creation or sooner.

    (finish - creation) + 1, both days counted; also of work that never was in progress. Nearest rank. Fewer than 10
    finished: INSUFFICIENT_SAMPLE. No limits until they are set. Programs and portfolios: over all items together.
    """
    return _lead_time(facts, 85)


@_days("FLW-02-P50", "Lead time P50", "50th percentile of (finish - creation + 1) over items")
def lead_time_p50(facts: ProjectFacts, _day: Day) -> Reading:
    """Half of the work finished in the last 90 days was done this soon after its creation; else as FLW-02."""
    return _lead_time(facts, 50)


@_days("FLW-02-P95", "Lead time P95", "95th percentile of (finish - creation + 1) over items")
def lead_time_p95(facts: ProjectFacts, _day: Day) -> Reading:
    """95 % of the work finished in the last 90 days was done this soon after its creation; else as FLW-02."""
    return _lead_time(facts, 95)


def weekly_throughput(facts: ProjectFacts, day: Day) -> list[int]:
    """Items finished in each full ISO week, oldest first, zeros kept: at most 12, none before there was any work."""
    if facts.first_day is None:
        return []
    weeks = []
    for monday in full_weeks(day.as_of, WEEKS):
        if monday >= facts.first_day - timedelta(days=facts.first_day.weekday()):
            sunday = monday + timedelta(days=6)
            weeks.append(sum(row.items for row in facts.finished if monday <= row.finished_on <= sunday))
    return weeks


@kpi(
    "FLW-03",
    name="Throughput",
    unit=Unit.PER_WEEK,
    direction=Direction.HIGHER,
    green="-.10",
    amber="-.25",
    source="Kanban Guide; limits practice default",
    judged="the last full week against the mean (last / mean - 1)",
    together=Together.POOLED,
    symbols="finished / weeks",
    behind=("finished_in_12_full_weeks",),
)
def throughput(facts: ProjectFacts, day: Day) -> Reading:
    """Work finished per ISO week: the mean of the last 12 full weeks since there is work, weeks of zero kept.

    The colour is that of the last full week against the mean (last / mean - 1). Fewer than 4 weeks:
    INSUFFICIENT_SAMPLE. With a mean of zero, or nothing left to do, the last week cannot be judged: grey. n is weeks.
    """
    weeks = weekly_throughput(facts, day)
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    if len(weeks) < MIN_WEEKS:
        return nothing(Reason.INSUFFICIENT_SAMPLE, n=len(weeks))
    mean = Fraction(sum(weeks), len(weeks))
    parts = (Part("finished", sum(weeks)), Part("weeks", len(weeks), Unit.WEEKS), Part("last week", weeks[-1]))
    reading = Reading(mean, Fraction(sum(weeks)), Fraction(len(weeks)), len(weeks), parts=parts)
    if not mean or not facts["work_open"]:
        return replace(reading, judgeable=False)
    return replace(reading, judged=weeks[-1] / mean - 1)


@kpi(
    "FLW-04",
    name="Work in progress",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    green="3",
    amber="5",
    source="Kanban Guide; limits per person practice default",
    judged="the number per person at work on it",
    together=Together.POOLED,
    symbols="in_progress",
    behind=("in_progress", "in_progress_unassigned"),
)
def work_in_progress(facts: ProjectFacts, _day: Day) -> Reading:
    """Work started and not finished at the end of the day.

    No project limit is kept yet, so the colour is that of the work in progress per person at work on it, against the
    limits for a person. Denominator: these persons (one at work on two projects counts in both). No items: NO_DATA.
    Nobody assigned to any of it: grey.
    """
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    count, people = facts["in_progress"], facts.people_at_work
    parts = (Part("in_progress", count), Part("people at work", people))
    if not people:
        return Reading(Fraction(count), Fraction(count), n=count, judgeable=False, parts=parts)
    judged = Fraction(count, people)
    return Reading(Fraction(count), Fraction(count), Fraction(people), count, judged=judged, parts=parts)


@kpi(
    "FLW-05",
    name="Work in progress older than usual",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".10",
    amber=".25",
    source="Kanban Guide; limits practice default",
    symbols="old / in progress",
    behind=("in_progress", "blocked"),
)
def old_work_in_progress(facts: ProjectFacts, day: Day) -> Reading:
    """Share of the work in progress whose age is above the project's own P85 of cycle time (FLW-01).

    Age is (day - start) + 1 in calendar days. Without a P85: INSUFFICIENT_SAMPLE. Nothing in progress: ZERO_DENOM.
    Coverage is the share of work in progress whose start is known.
    """
    usual = cycle_time_p85.formula(facts, day)
    known = [row for row in facts.running if row.started_on is not None]
    sample = sum(row.items for row in known)
    coverage = share(sample, sum(row.items for row in facts.running))
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    if usual.value is None:
        return nothing(Reason.INSUFFICIENT_SAMPLE, n=usual.n, coverage=coverage)
    old = sum(row.items for row in known if row.started_on and (day.as_of - row.started_on).days + 1 > usual.value)
    parts = (Part("old", old), Part("in progress", sample), Part("P85", usual.value, Unit.DAYS))
    return replace(ratio(old, sample, coverage=coverage), parts=parts)
