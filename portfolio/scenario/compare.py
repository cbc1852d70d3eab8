"""What a scenario changes: the load of persons by week, and what roles lack by month. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from portfolio.resources.capacity import NOTHING
from portfolio.resources.demand import Demand, Need
from portfolio.resources.heat import Cell, HeatMap, Level

_NO_CELL = Cell(0.0, 0.0, 0.0, 0.0, 0)


@dataclass(frozen=True)
class PersonWeeks:
    """The weeks of a person, by their place in the plan as it would be: as they are, and as they would be."""

    place: int
    before: tuple[Cell, ...]
    after: tuple[Cell, ...]

    @property
    def weeks_over(self) -> tuple[int, int]:
        """In how many weeks they have too much, before and after."""
        before, after = (sum(cell.level is Level.OVER for cell in cells) for cells in (self.before, self.after))
        return before, after

    @property
    def over(self) -> tuple[float, float]:
        """By how many hours single days are over, before and after."""
        return sum(cell.over for cell in self.before), sum(cell.over for cell in self.after)


@dataclass(frozen=True)
class RoleMonths:
    """The months of a role (None: persons of whom none is known), as they are, and as they would be."""

    role: str | None
    before: tuple[Need, ...]
    after: tuple[Need, ...]

    @property
    def changed(self) -> bool:
        """Whether anything is another."""
        pairs = zip(self.before, self.after, strict=True)
        return any(abs(one - other) > NOTHING for two in pairs for one, other in zip(*two, strict=True))


def persons_changed(
    before: HeatMap, after: HeatMap, persons: int, seen: Sequence[int], added: int
) -> tuple[PersonWeeks, ...]:
    """Those of the persons seen, and of those added after all others, of whom any week is another; the most hours too
    much first. `persons` is how many there are before."""
    changed = np.zeros(persons, np.bool_)
    for name in ("capacity", "hard", "soft", "over"):
        one, other = (getattr(it, name)[:persons] for it in (before, after))
        changed |= (np.abs(one - other) > NOTHING).any(axis=1)
    found = [PersonWeeks(place, before.cells(place), after.cells(place)) for place in seen if changed[place]]
    nothing = (_NO_CELL,) * len(after.periods.days)
    found += [PersonWeeks(place, nothing, after.cells(place)) for place in range(persons, persons + added)]
    return tuple(sorted(found, key=lambda it: (-it.over[1], -it.over[0], it.place)))


def roles_by_month(before: Demand, after: Demand) -> tuple[RoleMonths, ...]:
    """What each role can and has to do by month, before and after. One that only comes has nothing before."""
    nothing = (Need(0.0, 0.0, 0.0, 0.0),) * len(before.periods.days)
    now, then = ({role: it.needs(row) for row, role in enumerate(it.roles)} for it in (before, after))
    names = sorted(now.keys() | then.keys(), key=lambda name: (name is None, name or ""))
    return tuple(RoleMonths(name, now.get(name, nothing), then.get(name, nothing)) for name in names)
