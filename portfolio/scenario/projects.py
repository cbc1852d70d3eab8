"""What a scenario changes of projects: hours, finish and cost. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portfolio.resources.capacity import NOTHING
from portfolio.scenario.cost import Cost
from portfolio.scenario.finish import BEYOND, Finishes
from portfolio.scenario.pace import Paced

Costs = Mapping[int, Cost]


@dataclass(frozen=True)
class Finish:
    """When a project is finished: the last day as planned; the day by which it could be done if nobody works more than
    they can, or whether that is `beyond` the days that are looked at; and those by its own pace with 50 and 85 %. A day
    is None where there is nothing to do, or too little is known."""

    planned: date | None
    feasible: date | None
    beyond: bool
    half: date | None = None
    likely: date | None = None


@dataclass(frozen=True)
class ProjectChange:
    """What a scenario changes of a project (its place): hours that remain, its finish, and what it costs (None: not
    asked for); before and after.

    How much is not known of when it would be done: hours without a date, hours of nobody, items nobody estimated.
    `paced`: there is a forecast by its pace.
    """

    place: int
    hours: tuple[float, float]
    finish: tuple[Finish, Finish]
    undated: float
    nobody: float
    unestimated: int
    paced: bool
    cost: tuple[Cost, Cost] | None

    @property
    def later(self) -> int | None:
        """By how many days it could be done later, below 0: earlier; None where that is not known."""
        before, after = (it.feasible for it in self.finish)
        return None if before is None or after is None else (after - before).days


def changed(
    finishes: tuple[Finishes, Finishes], costs: tuple[Costs, Costs], meant: Collection[int], seen: Sequence[int]
) -> list[int]:
    """Which of the projects seen (places) are not as they were; those `meant` as a whole are told in any case."""
    before, after = finishes
    moved = (
        (before.planned != after.planned)
        | (before.feasible != after.feasible)
        | (abs(before.hours - after.hours) > NOTHING)
        | (before.unestimated != after.unestimated)
    )
    return [place for place in seen if moved[place] or place in meant or _spent_otherwise(costs, place)]


def _spent_otherwise(costs: tuple[Costs, Costs], place: int) -> bool:
    before, after = (it.get(place) for it in costs)
    if before is None or after is None:
        return False
    currencies = before.amounts.keys() | after.amounts.keys()
    sums = [(before.amounts.get(name, 0.0), after.amounts.get(name, 0.0)) for name in currencies]
    sums.append((before.unrated, after.unrated))
    return any(abs(one - other) > 1e3 * NOTHING for one, other in sums)


def project_changes(
    places: Sequence[int],
    finishes: tuple[Finishes, Finishes],
    costs: tuple[Costs, Costs],
    paced: Mapping[int, tuple[Paced, Paced]],
) -> tuple[ProjectChange, ...]:
    """What is told of these projects (places). `paced` is by place, too."""
    found = []
    for place in places:
        hours = float(finishes[0].hours[place]), float(finishes[1].hours[place])
        by_pace, after = paced.get(place, (Paced(), Paced())), finishes[1]
        ends = _finish(finishes[0], place, by_pace[0]), _finish(after, place, by_pace[1])
        spent = [it[place] for it in costs if place in it]
        told = float(after.undated[place]), float(after.nobody[place]), int(after.unestimated[place])
        cost = (spent[0], spent[1]) if len(spent) == len(costs) else None
        found.append(ProjectChange(place, hours, ends, *told, paced=place in paced, cost=cost))
    return tuple(found)


def _finish(it: Finishes, place: int, by_pace: Paced) -> Finish:
    planned, feasible = int(it.planned[place]), int(it.feasible[place])
    beyond = feasible == BEYOND
    day = None if beyond or not feasible else date.fromordinal(feasible)
    last = date.fromordinal(planned) if planned else None
    return Finish(last, day, beyond, by_pace.half, by_pace.likely)
