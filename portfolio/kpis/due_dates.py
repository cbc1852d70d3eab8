"""Due dates: how long missed, how often moved, how often kept, and whether those of linked items fit together."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.percentile import nearest_rank
from portfolio.kpis.reading import Part, Reading, Reason, nothing, ratio, share
from portfolio.kpis.thresholds import Direction

_PRACTICE = "practice default"


def _ages(facts: ProjectFacts, day: Day) -> list[tuple[int, int]]:
    """(working days after the due date, how many items) of what is overdue."""
    return [(day.calendar.since(row.due, day.as_of), row.items) for row in facts.samples.overdue_since]


@kpi(
    "SCH-10",
    name="Age of overdue items",
    unit=Unit.WORKDAYS,
    direction=Direction.LOWER,
    green="3",
    amber="10",
    source=_PRACTICE,
    together=Together.POOLED,
    symbols="age = days / overdue",
    behind=("overdue",),
)
def overdue_age(facts: ProjectFacts, day: Day) -> Reading:
    """The mean number of working days since the due date of the open items that are overdue.

    Nothing overdue: NOT_APPLICABLE. No items: NO_DATA. Programs and portfolios: over all items together.
    """
    ages = _ages(facts, day)
    if not facts.numbers:
        return nothing(Reason.NO_DATA)
    if not ages:
        return nothing(Reason.NOT_APPLICABLE)
    days, items = sum(age * times for age, times in ages), sum(times for _, times in ages)
    return replace(ratio(days, items), parts=(Part("days", days, Unit.WORKDAYS), Part("overdue", items)))


@kpi(
    "SCH-10-P85",
    name="Age of overdue items P85",
    unit=Unit.WORKDAYS,
    direction=Direction.LOWER,
    green="3",
    amber="10",
    source=f"{_PRACTICE}; nearest-rank percentile",
    together=Together.POOLED,
    symbols="age = P85 of overdue",
    behind=("overdue",),
)
def overdue_age_p85(facts: ProjectFacts, day: Day) -> Reading:
    """85 % of the overdue items have been so for this many working days or fewer (nearest rank); else as SCH-10."""
    if not facts.numbers:
        return nothing(Reason.NO_DATA)
    ages = _ages(facts, day)
    found, items = nearest_rank(ages, 85), sum(times for _, times in ages)
    if found is None:
        return nothing(Reason.NOT_APPLICABLE)
    return Reading(Fraction(found), n=items, parts=(Part("overdue", items),))


@kpi(
    "SCH-11",
    name="Due-date churn",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".10",
    amber=".25",
    source=_PRACTICE,
    symbols="churn = postponed / (open with due + finished with due)",
    behind=("open_with_due", "open_with_due_recorded", "finished_with_due_recorded"),
)
def churn(facts: ProjectFacts, _day: Day) -> Reading:
    """How often a due date was moved to a later one in the last 90 days / items with a due date: open ones, and work
    finished in these days. Moves count each; setting a first date or taking one away is no move. Above 1 where dates
    move more than once. Where the tracker gave no history nobody saw whether a date was moved: such items do not count,
    coverage is the share of the others, and without any: NO_DATA. No items: NO_DATA; none with a due date:
    MISSING_DATES.
    """
    dated = facts["open_with_due"] + facts["finished_with_due"]
    if not facts.numbers:
        return nothing(Reason.NO_DATA)
    if not dated:
        return nothing(Reason.MISSING_DATES)
    still, done = facts["open_with_due_recorded"], facts["finished_with_due_recorded"]
    coverage = share(still + done, dated)
    if not still + done:
        return nothing(Reason.NO_DATA, coverage=coverage)
    parts = (
        Part("postponed", facts.samples.postponed),
        Part("open with due", still),
        Part("finished with due", done),
    )
    return replace(ratio(facts.samples.postponed, still + done, coverage=coverage), parts=parts)


def _on_time(facts: ProjectFacts, met: int, dated: int) -> Reading:
    done = facts["finished_in_90_days"]
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    if not done:
        return nothing(Reason.NOT_APPLICABLE)
    if not dated:
        return nothing(Reason.MISSING_DATES, coverage=Fraction(0))
    parts = (Part("on time", met), Part("finished with due", dated))
    return replace(ratio(met, dated, coverage=share(dated, done)), parts=parts)


@kpi(
    "SCH-12",
    name="On-time completion",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".85",
    amber=".70",
    source=_PRACTICE,
    symbols="rate = on time / finished with due",
    behind=("finished_on_time", "finished_late"),
)
def on_time(facts: ProjectFacts, _day: Day) -> Reading:
    """Work finished in the last 90 days on or before its due date / work finished in them that had one.

    The due date is the last one: moving it in time keeps this high, see SCH-12-FIRST. Coverage is the share of finished
    work with a due date. No work: NO_DATA; nothing finished: NOT_APPLICABLE; none with a due date: MISSING_DATES.
    """
    return _on_time(facts, facts["finished_on_time"], facts["finished_with_due"])


@kpi(
    "SCH-12-FIRST",
    name="On-time completion by the first due date",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".85",
    amber=".70",
    source=_PRACTICE,
    symbols="rate = on time / finished with due",
    behind=("finished_by_first_due", "finished_with_first_due"),
)
def on_time_first(facts: ProjectFacts, _day: Day) -> Reading:
    """As SCH-12, held against the first due date that each item ever had. Where the tracker gave no history nobody saw
    which was the first: such items do not count, and where all finished work is such: NO_DATA.
    """
    if facts["finished_in_90_days"] and not facts["finished_recorded"]:
        return nothing(Reason.NO_DATA, coverage=Fraction(0))
    return _on_time(facts, facts["finished_by_first_due"], facts["finished_with_first_due"])


def _broken(day: Day, links: int, dated: int, broken: int) -> Reading:
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    if not links:
        return nothing(Reason.NOT_APPLICABLE)
    if not dated:
        return nothing(Reason.MISSING_DATES, coverage=Fraction(0))
    parts = (Part("broken", broken), Part("open links", dated))
    return replace(ratio(broken, dated, coverage=share(dated, links)), parts=parts)


@kpi(
    "SCH-14",
    name="Broken dependencies",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".05",
    amber=".15",
    source=_PRACTICE,
    symbols="share = broken / open links",
)
def broken_links(facts: ProjectFacts, day: Day) -> Reading:
    """Open finish-to-start links whose predecessor is expected after its successor starts / open links with dates.

    Open: neither end is done. The predecessor is expected on its due date, and today at the earliest; the successor is
    wanted on its start, else on its due date. Trackers tell no lag. A link belongs to the project of its successor.
    Coverage is the share of open links with dates on both ends. No open links: NOT_APPLICABLE; none with dates:
    MISSING_DATES. Past days: NOT_KEPT, for links have no history.
    """
    found = facts.samples.links
    return _broken(day, found.all, found.dated, found.broken)


@kpi(
    "SCH-14-CROSS",
    name="Broken dependencies on other projects",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".05",
    amber=".15",
    source=_PRACTICE,
    symbols="share = broken / open links",
)
def broken_cross_links(facts: ProjectFacts, day: Day) -> Reading:
    """As SCH-14, of the links whose predecessor is in another project."""
    found = facts.samples.links
    return _broken(day, found.cross, found.cross_dated, found.cross_broken)
