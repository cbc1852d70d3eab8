"""Whether work flows: how much of its time it is worked on or blocked, and whether more comes than goes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from portfolio.facts.durations import WINDOW_DAYS
from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.flow import MIN_FINISHED, cycle_days
from portfolio.kpis.reading import Part, Reading, Reason, nothing, ratio, share
from portfolio.kpis.thresholds import Direction

_HOUR = 3600
_PRACTICE = "practice default"


@kpi(
    "FLW-06",
    name="Flow efficiency",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".40",
    amber=".15",
    source="flow efficiency, Kanban; limits practice default",
    symbols="efficiency = active / flow",
    behind=("finished_timed",),
)
def flow_efficiency(facts: ProjectFacts, _day: Day) -> Reading:
    """Active time / all time (active, waiting, blocked) from start to finish of the work finished in the last 90 days.

    Pooled over items, in hours of the clock; never a mean of ratios. Which status is active, waiting or blocked says
    the mapping; what is flagged is blocked; what was put back to do waits. Time in which it was done counts in neither.
    Coverage is the share of finished work with such a time. Where nothing ever waited or was blocked the value has no
    colour: a workflow that has no status for waiting does not show it. No work: NO_DATA; no time known:
    INSUFFICIENT_SAMPLE.
    """
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    timed = facts["finished_timed"]
    coverage = share(timed, facts["finished_in_90_days"])
    if not timed:
        return nothing(Reason.INSUFFICIENT_SAMPLE, coverage=coverage)
    active, total = Fraction(facts["time_active"], _HOUR), Fraction(facts["time_in_flow"], _HOUR)
    parts = (Part("active", active, Unit.HOURS), Part("flow", total, Unit.HOURS))
    return replace(ratio(active, total, n=timed, coverage=coverage), judgeable=active < total, parts=parts)


@kpi(
    "FLW-07",
    name="Blocked time",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".05",
    amber=".15",
    source=_PRACTICE,
    symbols="share = blocked / in progress",
    behind=("blocked",),
)
def blocked_time(facts: ProjectFacts, _day: Day) -> Reading:
    """Days on whose end work was in progress and blocked / days on whose end it was in progress, in the last 90 days,
    added up over items. Where none of it was blocked on any of these days the value has no colour: nobody can tell work
    that was never blocked from work that nobody flags. No work: NO_DATA; none in progress on any of these days:
    NOT_APPLICABLE.
    """
    days = facts.samples.work_days
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    if not days.in_progress:
        return nothing(Reason.NOT_APPLICABLE)
    parts = (Part("blocked", days.blocked, Unit.DAYS), Part("in progress", days.in_progress, Unit.DAYS))
    return replace(ratio(days.blocked, days.in_progress), judgeable=days.blocked > 0, parts=parts)


@kpi(
    "FLW-08",
    name="Little's law check",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".15",
    amber=".25",
    source="Little's law; limits practice default",
    together=Together.NOT,
    symbols="gap = |WIP - throughput x cycle time| / WIP",
    behind=("finished_in_90_days", "in_progress"),
)
def littles_law(facts: ProjectFacts, day: Day) -> Reading:
    """By how much the mean work in progress differs from throughput x mean cycle time, over the last 90 days (fewer
    where the project is younger). Above .25 the data does not fit together: items that are started and forgotten, or
    finished in bulk. Work in progress is counted at the end of each day, so cycle time here is elapsed days, from start
    to finish: one less than FLW-01 counts. Throughput is of the items whose start is known, per day. Fewer than 10 of
    these: INSUFFICIENT_SAMPLE. Nothing in progress at the end of any day: ZERO_DENOM. No work: NO_DATA.
    """
    if not facts["work"] or facts.first_day is None:
        return nothing(Reason.NO_DATA)
    counted = cycle_days(facts)
    items, elapsed = sum(times for _, times in counted), sum((days - 1) * times for days, times in counted)
    if items < MIN_FINISHED:
        return nothing(Reason.INSUFFICIENT_SAMPLE, n=items)
    length = min(WINDOW_DAYS, (day.as_of - facts.first_day).days + 1)
    in_progress = Fraction(facts.samples.work_days.in_progress, length)
    pace, cycle = Fraction(items, length), Fraction(elapsed, items)
    parts = (
        Part("WIP", in_progress),
        Part("throughput", pace, "n/d"),
        Part("cycle time", cycle, Unit.DAYS),
    )
    return replace(ratio(abs(in_progress - pace * cycle), in_progress, n=items), parts=parts)


@kpi(
    "FLW-11",
    name="Arrivals per departure",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green="1.0",
    amber="1.3",
    source=_PRACTICE,
    symbols="ratio = created / finished",
    behind=("created_in_90_days", "finished_in_90_days"),
)
def arrivals(facts: ProjectFacts, _day: Day) -> Reading:
    """Work created in the last 90 days / work finished in them. Above 1 the backlog grows.

    No work: NO_DATA; nothing finished: ZERO_DENOM.
    """
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    created, done = facts["created_in_90_days"], facts["finished_in_90_days"]
    return replace(ratio(created, done), parts=(Part("created", created), Part("finished", done)))
