"""Who does the work: on how many it hangs, what nobody will do, and whether sprints keep what they commit to.

Figures of projects: none tells anything of a single person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.facts.ownership import Owned
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.reading import Part, Reading, Reason, nothing, ratio, share
from portfolio.kpis.thresholds import Direction

MIN_UNITS, MIN_SPRINTS = 5, 3
SECOND = Fraction(1, 5)
_HOUR = 3600
_PRACTICE = "practice default"


class Leaving(NamedTuple):
    """Somebody who is taken away, and the items of units that nobody knows any more then."""

    person: int
    items: int


def bus_factor(units: Mapping[int, Mapping[int, int]]) -> int:
    """How many persons have to be gone until more than half of the work has nobody left who knows it."""
    return len(key_persons(units))


def key_persons(units: Mapping[int, Mapping[int, int]]) -> tuple[Leaving, ...]:
    """Who has to be gone until more than half of the work has nobody left who knows it, one after the other.

    `units` give the items by person. Somebody knows a unit who did a fifth of it. Greedy: next goes who alone knows
    most of what is left, of those with as much who did most of it. Lowest ids break ties.
    """
    weight = {unit: sum(of.values()) for unit, of in units.items()}
    knows = {unit: {who for who, items in of.items() if items >= SECOND * weight[unit]} for unit, of in units.items()}
    # Where nobody did a fifth, whoever did most.
    knows = {unit: whom or {max(units[unit], key=lambda who: (units[unit][who], -who))} for unit, whom in knows.items()}
    total, gone = sum(weight.values()), list[Leaving]()
    while 2 * sum(it.items for it in gone) <= total:
        alone: dict[int, int] = defaultdict(int)
        most: dict[int, int] = defaultdict(int)
        for unit, whom in knows.items():
            for who in whom:
                most[who] += units[unit][who]
                alone[who] += weight[unit] if len(whom) == 1 else 0
        leaves = max(most, key=lambda who: (alone[who], most[who], -who))
        gone.append(Leaving(leaves, alone[leaves]))
        knows = {unit: left for unit, whom in knows.items() if (left := whom - {leaves})}
    return tuple(gone)


def units_of(rows: Sequence[Owned]) -> dict[int, dict[int, int]]:
    """The items by unit and person, of what has both."""
    units: dict[int, dict[int, int]] = defaultdict(dict)
    for row in rows:
        if row.unit is not None and row.person is not None:
            units[row.unit][row.person] = row.items
    return units


@kpi(
    "RES-06",
    name="Bus factor",
    unit=Unit.COUNT,
    direction=Direction.HIGHER,
    green="3",
    amber="2",
    source="truck factor; algorithm practice default",
    together=Together.WORST,
    symbols="persons = removed until lost > items / 2",
    behind=("finished_in_90_days",),
)
def bus_factor_reading(facts: ProjectFacts, day: Day) -> Reading:
    """The smallest number of persons without whom more than half of the work has nobody who knows it.

    Work is what was finished in the last 90 days, each item counting once, by its assignee; units are the parents
    (epics) it hangs on. Somebody knows a unit who did at least a fifth of it. Persons are taken away one by one, who
    alone knows most first. Coverage is the share of the finished work with a parent and an assignee. No work: NO_DATA;
    fewer than 5 units: INSUFFICIENT_SAMPLE. Past days: NOT_KEPT, for parents have no history. Programs and portfolios:
    the least of their projects.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    units = units_of(facts.samples.owned)
    items = sum(sum(of.values()) for of in units.values())
    coverage = share(items, facts["finished_in_90_days"])
    if len(units) < MIN_UNITS:
        return nothing(Reason.INSUFFICIENT_SAMPLE, n=len(units), coverage=coverage)
    found = bus_factor(units)
    parts = (Part("removed", found), Part("items", items), Part("units", len(units)))
    return Reading(Fraction(found), n=len(units), coverage=coverage, parts=parts)


@kpi(
    "RES-08",
    name="Unassigned near work",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green=".05",
    amber=".20",
    source=_PRACTICE,
    symbols="share = unassigned / near",
    behind=("near_effort_unassigned", "near_effort"),
)
def unassigned_near(facts: ProjectFacts, _day: Day) -> Reading:
    """Remaining hours of open work due within ten working days (two weeks) or overdue that nobody is assigned to /
    remaining hours of all of it. Where no remaining effort is told, it is what is left of the estimate by the time
    logged. No open work: NOT_APPLICABLE; no effort due: ZERO_DENOM. No work: NO_DATA.
    """
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    if not facts["work_open"]:
        return nothing(Reason.NOT_APPLICABLE)
    used = facts.samples.used_up
    without = Fraction(facts["near_effort_unassigned"] - used.near_unassigned, _HOUR)
    near = Fraction(facts["near_effort"] - used.near, _HOUR)
    parts = (Part("unassigned", without, Unit.HOURS), Part("near", near, Unit.HOURS))
    return replace(ratio(without, near), parts=parts)


@kpi(
    "SCP-06",
    name="Sprint predictability",
    unit=Unit.RATIO,
    direction=Direction.BAND,
    green=".8..1.1",
    amber=".6..1.2",
    source="Scrum practice; limits practice default",
    symbols="predictability = median of completed / committed",
)
def sprint_predictability(facts: ProjectFacts, _day: Day) -> Reading:
    """The median, over the last six closed sprints, of points completed / points committed (nearest rank).

    Committed is what was open in the sprint at the end of its first day; what came later does not count, what was taken
    out is not completed. Fewer than 3 such sprints within a year: INSUFFICIENT_SAMPLE. No work: NO_DATA. n is sprints.
    Programs and portfolios: sum over sum.
    """
    sprints = facts.samples.commitments
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    if len(sprints) < MIN_SPRINTS:
        return nothing(Reason.INSUFFICIENT_SAMPLE, n=len(sprints))
    kept = [(Fraction(row.completed), Fraction(row.committed)) for row in sprints]
    rates = sorted(completed / committed for completed, committed in kept)
    completed, committed = (sum(points, Fraction(0)) for points in zip(*kept, strict=True))
    parts = (
        Part("sprints", len(sprints)),
        Part("completed", completed, Unit.POINTS),
        Part("committed", committed, Unit.POINTS),
    )
    return Reading(rates[(len(rates) + 1) // 2 - 1], completed, committed, len(sprints), parts=parts)
