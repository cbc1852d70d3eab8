"""How much all persons together have done and are to do, as a share of what they can.

Figures of everybody: none is read of a project, and none tells anything of a single person. Fewer than five persons
have none.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.facts.staffed import Ahead, Closed, Roles
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.reading import Part, Reading, Reason, nothing, ratio, share
from portfolio.kpis.thresholds import Direction

LEAST = 5
"""Persons there must be."""
_STAFF = "utilisation of staff; limits practice default"
_PRACTICE = "practice default"


def _hours(**parts: Fraction) -> tuple[Part, ...]:
    return tuple(Part(symbol, hours, Unit.HOURS) for symbol, hours in parts.items())


def _closed(facts: ProjectFacts) -> Closed | Reading:
    closed = facts.staffed.closed if facts.staffed is not None else None
    if closed is None or not closed.capacity:
        return nothing(Reason.NOT_APPLICABLE)
    if not closed.logged_ever:
        return nothing(Reason.NOT_APPLICABLE, n=closed.persons)
    return closed if closed.persons >= LEAST else nothing(Reason.INSUFFICIENT_SAMPLE, n=closed.persons)


def _ahead(facts: ProjectFacts, day: Day) -> Ahead | Reading:
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    ahead = facts.staffed.ahead if facts.staffed is not None else None
    if ahead is None or not ahead.capacity:
        return nothing(Reason.NOT_APPLICABLE)
    return ahead if ahead.persons >= LEAST else nothing(Reason.INSUFFICIENT_SAMPLE, n=ahead.persons)


@kpi(
    "RES-01",
    name="Utilisation (actual)",
    unit=Unit.RATIO,
    direction=Direction.BAND,
    green=".70...90",
    amber=".55..1.0",
    source=_STAFF,
    together=Together.PERSONS,
    symbols="utilisation = logged / capacity",
)
def utilisation(facts: ProjectFacts, _day: Day) -> Reading:
    """Hours logged / hours of capacity, in the last four weeks that were over before the day.

    Capacity is what held on each of these days: calendar, share of a week, time off; of who is not active any more, up
    to the day of their last time logged or the end of terms that were told. Rejected time does not count. n is persons
    with capacity; coverage the share of all hours logged that theirs are. Nobody ever logged time, or nobody has
    capacity: NOT_APPLICABLE. Fewer than five persons: INSUFFICIENT_SAMPLE. Hours marked as billable are told beside it.
    """
    closed = _closed(facts)
    if isinstance(closed, Reading):
        return closed
    coverage = share(closed.logged, closed.logged + closed.elsewhere)
    parts = _hours(logged=closed.logged, capacity=closed.capacity, billable=closed.billable)
    return replace(ratio(closed.logged, closed.capacity, n=closed.persons, coverage=coverage), parts=parts)


@kpi(
    "DQ-05",
    name="Timesheet completeness",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".95",
    amber=".80",
    source=_PRACTICE,
    together=Together.PERSONS,
    symbols="completeness = kept / capacity",
)
def timesheets(facts: ProjectFacts, _day: Day) -> Reading:
    """Hours logged / hours of capacity in the last four weeks that were over before the day, where what a person logged
    beyond their capacity of a week does not count: it makes up for nobody's gap.

    n is persons with capacity. Nobody ever logged time, or nobody has capacity: NOT_APPLICABLE. Fewer than five
    persons: INSUFFICIENT_SAMPLE.
    """
    closed = _closed(facts)
    if isinstance(closed, Reading):
        return closed
    parts = _hours(kept=closed.kept, capacity=closed.capacity)
    return replace(ratio(closed.kept, closed.capacity, n=closed.persons), parts=parts)


@kpi(
    "RES-02",
    name="Load (planned)",
    unit=Unit.RATIO,
    direction=Direction.BAND,
    green=".60...90",
    amber=".40..1.0",
    source=_STAFF,
    together=Together.PERSONS,
    symbols="load = hard / capacity",
)
def planned_load(facts: ProjectFacts, day: Day) -> Reading:
    """Hours of work and firm bookings / hours of capacity, in the next four weeks, that of the day first.

    Work that nobody is assigned to is not in it, nor what persons without capacity have; the latter (elsewhere) and
    proposed bookings (soft) are told beside it. That the sum is well says nothing of single persons: see RES-03. n is
    persons with capacity; coverage the share of all firm hours that theirs are. Nobody has any: NOT_APPLICABLE. Fewer
    than five persons: INSUFFICIENT_SAMPLE. Past days: NOT_KEPT, unless it was read on the day.
    """
    ahead = _ahead(facts, day)
    if isinstance(ahead, Reading):
        return ahead
    parts = _hours(hard=ahead.hard, capacity=ahead.capacity, soft=ahead.soft, elsewhere=ahead.elsewhere)
    coverage = share(ahead.hard, ahead.hard + ahead.elsewhere)
    return replace(ratio(ahead.hard, ahead.capacity, n=ahead.persons, coverage=coverage), parts=parts)


@kpi(
    "RES-03",
    name="Over-allocation",
    unit=Unit.HOURS,
    direction=Direction.LOWER,
    green="0",
    amber=".10",
    source=_PRACTICE,
    together=Together.PERSONS,
    symbols="over = sum by person and day of max(0, to do - can do)",
    judged="its share of the capacity",
)
def over_allocation(facts: ProjectFacts, day: Day) -> Reading:
    """By how many hours single days of single persons are more than can be done, in the next four weeks, added up.

    Proposed bookings do not count, nor persons without any capacity: what these have (elsewhere) is told beside it, and
    how many others have too much in some week: more than all of it, or on two days. n is persons with capacity;
    coverage the share of all firm hours that theirs are. Nobody has any: NOT_APPLICABLE. Fewer than five persons:
    INSUFFICIENT_SAMPLE. Past days: NOT_KEPT, unless it was read on the day.
    """
    ahead = _ahead(facts, day)
    if isinstance(ahead, Reading):
        return ahead
    hours = _hours(over=ahead.over, capacity=ahead.capacity, elsewhere=ahead.elsewhere)
    parts, coverage = (*hours, Part("persons", ahead.too_much)), share(ahead.hard, ahead.hard + ahead.elsewhere)
    judged = ahead.over / ahead.capacity
    return Reading(ahead.over, ahead.over, ahead.capacity, ahead.persons, coverage, judged=judged, parts=parts)


@kpi(
    "RES-04",
    name="Capacity gap by role",
    unit=Unit.HOURS,
    direction=Direction.HIGHER,
    green="0",
    amber="-.10",
    source="demand against capacity by role and month; limits practice default",
    together=Together.PERSONS,
    symbols="gap = sum by role and month of min(0, can do - to do)",
    judged="its share of the capacity",
)
def capacity_gap(facts: ProjectFacts, day: Day) -> Reading:
    """What roles are short of in this month and the next two: capacity less work, firm bookings and work that nobody is
    assigned to, by role and month, where that is below 0, added up. What one role has free helps no other.

    What is of no role that is known (elsewhere) is told beside it: nobody knows whether somebody is free for it. n is
    roles; coverage the share of all demand that is theirs. No role has capacity: NOT_APPLICABLE. Fewer than five
    persons: INSUFFICIENT_SAMPLE. Past days: NOT_KEPT, unless it was read on the day.
    """
    ahead, roles = _ahead(facts, day), _roles(facts)
    if isinstance(ahead, Reading):
        return ahead
    if roles is None or not roles.capacity:
        return nothing(Reason.NOT_APPLICABLE)
    hours = _hours(capacity=roles.capacity, demand=roles.demand, elsewhere=roles.elsewhere)
    parts, coverage = (*hours, Part("roles", roles.short)), share(roles.demand, roles.demand + roles.elsewhere)
    judged = -roles.missing / roles.capacity
    return Reading(-roles.missing, -roles.missing, roles.capacity, roles.roles, coverage, judged=judged, parts=parts)


def _roles(facts: ProjectFacts) -> Roles | None:
    return facts.staffed.by_role if facts.staffed is not None else None


@kpi(
    "RES-07",
    name="Allocation accuracy",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".80",
    amber=".65",
    source=_PRACTICE,
    together=Together.PERSONS,
    symbols="accuracy = least / most",
)
def allocation_accuracy(facts: ProjectFacts, day: Day) -> Reading:
    """How far firm bookings and time logged agree in the last four weeks that were over: sum of the smaller of the two
    / sum of the larger, by person, project and week. A project that booked nobody then has no plan, and does not count.

    n is persons with either. Nobody was booked: NOT_APPLICABLE. Fewer than five persons: INSUFFICIENT_SAMPLE. Past
    days: NOT_KEPT, unless it was read on the day: bookings say what they say now.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    found = facts.staffed.agreement if facts.staffed is not None else None
    if found is None or not found.most:
        return nothing(Reason.NOT_APPLICABLE)
    if found.persons < LEAST:
        return nothing(Reason.INSUFFICIENT_SAMPLE, n=found.persons)
    return replace(ratio(found.least, found.most, n=found.persons), parts=_hours(least=found.least, most=found.most))


@kpi(
    "RES-09",
    name="Skills coverage",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".90",
    amber=".70",
    source=_PRACTICE,
    together=Together.PERSONS,
    symbols="coverage = covered / required",
)
def skills_coverage(facts: ProjectFacts, day: Day) -> Reading:
    """Skills that roles ask for and two or more active persons have, at the level that is asked for or above / all that
    roles ask for. Whose own role it is does not matter: they could stand in.

    n is what is asked for. Nothing is: NOT_APPLICABLE. Skills of fewer than five persons are told: INSUFFICIENT_SAMPLE.
    Past days: NOT_KEPT, unless it was read on the day: what roles ask for has no past.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    found = facts.staffed.skills if facts.staffed is not None else None
    if found is None or not found.required:
        return nothing(Reason.NOT_APPLICABLE)
    if found.persons < LEAST:
        return nothing(Reason.INSUFFICIENT_SAMPLE, n=found.persons)
    parts = (Part("covered", found.covered), Part("required", found.required))
    return replace(ratio(found.covered, found.required), parts=parts)
