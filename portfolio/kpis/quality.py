"""Quality: defects, what had to be done again, and how long it takes to mend."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.percentile import nearest_rank
from portfolio.kpis.reading import Part, Reading, Reason, nothing, ratio, share
from portfolio.kpis.thresholds import Direction

_PRACTICE = "practice default"
_HOUR = 3600


@kpi(
    "QLT-01",
    name="Defect density",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".10",
    amber=".25",
    source=_PRACTICE,
    symbols="density = bugs / finished",
    behind=("bugs_created_in_90_days", "finished_in_90_days"),
)
def defect_density(facts: ProjectFacts, _day: Day) -> Reading:
    """Bugs created in the last 90 days / work items finished in them.

    No work: NO_DATA; nothing finished: ZERO_DENOM.
    """
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    created, done = facts["bugs_created_in_90_days"], facts["finished_in_90_days"]
    return replace(ratio(created, done), parts=(Part("bugs", created), Part("finished", done)))


@kpi(
    "QLT-02",
    name="Escaped defects",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".05",
    amber=".15",
    source=_PRACTICE,
    symbols="share = escaped / bugs",
    behind=("bugs",),
)
def escaped_defects(facts: ProjectFacts, day: Day) -> Reading:
    """Bugs with the label production or uat / all bugs that are not cancelled. No bugs: NOT_APPLICABLE; no work:
    NO_DATA. Past days: NOT_KEPT, for labels have no history. Without any such label the share is 0 but has no colour:
    nobody can tell a project where nothing escaped from one that does not label.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    if not facts["bugs"]:
        return nothing(Reason.NOT_APPLICABLE)
    found = facts.samples.escaped
    parts = (Part("escaped", found), Part("bugs", facts["bugs"]))
    return replace(ratio(found, facts["bugs"]), judgeable=bool(found), parts=parts)


@kpi(
    "QLT-03",
    name="Reopen rate",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".05",
    amber=".10",
    source=_PRACTICE,
    symbols="rate = reopened / finished",
    behind=("finished_reopened", "finished_recorded"),
)
def reopen_rate(facts: ProjectFacts, _day: Day) -> Reading:
    """Work finished in the last 90 days that was put back from done before / work finished in them, of recorded past.

    Each item counts once, however often it was put back. Where the tracker gave no history nobody saw whether it was:
    such items count in neither, coverage is the share of the others, and without any: NO_DATA. No work: NO_DATA;
    nothing finished: ZERO_DENOM.
    """
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    again, recorded, done = facts["finished_reopened"], facts["finished_recorded"], facts["finished_in_90_days"]
    coverage = share(recorded, done)
    if done and not recorded:
        return nothing(Reason.NO_DATA, coverage=coverage)
    parts = (Part("reopened", again), Part("finished", recorded))
    return replace(ratio(again, recorded, coverage=coverage), parts=parts)


@kpi(
    "QLT-04",
    name="Rework share",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".10",
    amber=".20",
    source=_PRACTICE,
    symbols="share = rework / logged",
)
def rework(facts: ProjectFacts, _day: Day) -> Reading:
    """Hours logged in the last 90 days on bugs, and on other items since they were put back from done / all hours
    logged on items in them. Nothing logged: NO_DATA. Time logged by the day of work; rejected time
    and time below zero do not count.
    """
    logged = facts.samples.logged
    if logged.seconds <= 0:
        return nothing(Reason.NO_DATA)
    again, total = Fraction(logged.rework, _HOUR), Fraction(logged.seconds, _HOUR)
    parts = (Part("rework", again, Unit.HOURS), Part("logged", total, Unit.HOURS))
    return Reading(again / total, again, total, int(total), parts=parts)


@kpi(
    "QLT-05",
    name="Time to mend a defect",
    unit=Unit.HOURS,
    direction=Direction.LOWER,
    source=_PRACTICE,
    together=Together.POOLED,
    symbols="time = median of fixed",
    behind=("bugs_open",),
)
def time_to_mend(facts: ProjectFacts, _day: Day) -> Reading:
    """The median of whole hours from creation to done of the bugs fixed in the last 90 days (nearest rank).

    By severity beside it: the field that carries one, else the priority, as they are now. Open bugs are listed, not
    averaged. No bug fixed: NOT_APPLICABLE; no work: NO_DATA. It has no limits until they are set.
    """
    fixes = facts.samples.fixes
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    found = nearest_rank(((fix.hours, fix.items) for fix in fixes), 50)
    if found is None:
        return nothing(Reason.NOT_APPLICABLE)
    by_severity: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for fix in fixes:
        by_severity[fix.severity or "no severity"].append((fix.hours, fix.items))
    items = sum(fix.items for fix in fixes)
    medians = ((name, nearest_rank(hours, 50)) for name, hours in sorted(by_severity.items()))
    parts = (Part("fixed", items), *(Part(name, hours, Unit.HOURS) for name, hours in medians if hours is not None))
    return Reading(Fraction(found), n=items, parts=parts)


MIN_ESTIMATED = 5


@kpi(
    "CST-08",
    name="Estimate accuracy",
    unit=Unit.RATIO,
    direction=Direction.BAND,
    green=".9..1.1",
    amber=".75..1.25",
    source=_PRACTICE,
    symbols="accuracy = spent / estimated",
    behind=("finished_in_90_days",),
)
def estimate_accuracy(facts: ProjectFacts, _day: Day) -> Reading:
    """Time logged on work finished in the last 90 days / its estimates, of items with an estimate and logged time.

    Above 1: it took longer than estimated. An item that nobody logged time on does not tell how long it took. Coverage
    is the share of finished work that has both. No work: NO_DATA; fewer than 5 items: INSUFFICIENT_SAMPLE.
    """
    rows = facts.samples.estimates
    items = sum(row.items for row in rows)
    coverage = share(items, facts["finished_in_90_days"])
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    if items < MIN_ESTIMATED:
        return nothing(Reason.INSUFFICIENT_SAMPLE, n=items, coverage=coverage)
    spent = Fraction(sum(row.spent_s for row in rows), _HOUR)
    estimated = Fraction(sum(row.estimate_s for row in rows), _HOUR)
    parts = (Part("spent", spent, Unit.HOURS), Part("estimated", estimated, Unit.HOURS))
    return replace(ratio(spent, estimated, n=items, coverage=coverage), parts=parts)


@kpi(
    "CST-08-MEDIAN",
    name="Estimate accuracy of the usual item",
    unit=Unit.RATIO,
    direction=Direction.BAND,
    green=".9..1.1",
    amber=".75..1.25",
    source=f"{_PRACTICE}; nearest-rank percentile",
    together=Together.POOLED,
    symbols="accuracy = median of spent / estimated",
    behind=("finished_in_90_days",),
)
def usual_estimate_accuracy(facts: ProjectFacts, day: Day) -> Reading:
    """The median, over items, of time logged / estimate, to a per cent; else as CST-08."""
    whole = estimate_accuracy.formula(facts, day)
    found = nearest_rank(((row.percent, row.items) for row in facts.samples.estimates), 50)
    if whole.value is None or found is None:
        return whole
    return Reading(Fraction(found, 100), n=whole.n, coverage=whole.coverage, parts=(Part("items", whole.n),))
