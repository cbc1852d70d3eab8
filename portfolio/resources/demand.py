"""Demand against capacity by role: what a role can do, what it is to do, and what it is short of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from portfolio.resources.booked import NO_ROLE
from portfolio.resources.capacity import NOTHING, Hours
from portfolio.resources.groups import Group
from portfolio.resources.heat import heat_map
from portfolio.resources.periods import Periods
from portfolio.resources.plan import Plan


class Need(NamedTuple):
    """The hours of a role in a period: what its persons can do, what they are firmly to do, what nobody of the role was
    named for yet, and what is only proposed, for somebody or for nobody yet."""

    capacity: float
    firm: float
    unassigned: float
    proposed: float

    @property
    def gap(self) -> float:
        """What is free; below 0, what is missing. Proposed bookings are not in it.

        Source: RES-04: capacity - (assigned firm + unassigned demand).
        """
        gap = self.capacity - self.firm - self.unassigned
        return 0.0 if abs(gap) < NOTHING else gap


@dataclass(frozen=True)
class Demand:
    """Hours by role and period. A role without a name is that of persons and work of which none is known. `persons` is
    how many have it."""

    periods: Periods
    roles: tuple[str | None, ...]
    persons: tuple[int, ...]
    capacity: Hours
    firm: Hours
    unassigned: Hours
    proposed: Hours

    def needs(self, row: int) -> tuple[Need, ...]:
        """The periods of one role."""
        columns = (self.capacity, self.firm, self.unassigned, self.proposed)
        return tuple(Need(*hours) for hours in zip(*(it[row].tolist() for it in columns), strict=True))

    @property
    def total(self) -> tuple[Need, ...]:
        """The periods of all roles together: what one has free hides what another is short of."""
        columns = (self.capacity, self.firm, self.unassigned, self.proposed)
        return tuple(Need(*hours) for hours in zip(*(it.sum(axis=0).tolist() for it in columns), strict=True))


def demand(plan: Plan, groups: Sequence[Group], periods: Periods) -> Demand:
    """What each role needs. `groups` are the roles of the persons who count; a role that has work and no person stands
    there with no capacity. Roles are the same that are spelt the same.
    """
    found = heat_map(plan, periods)
    shares = {group.name: group.members for group in groups}
    nobodys = {role: place for place, role in enumerate(plan.roles, len(plan.persons))}
    asked = {role or None for role, place in nobodys.items() if found.hard[place].any() or found.soft[place].any()}
    roles = tuple(sorted(shares.keys() | asked, key=lambda it: (it is None, it or "")))
    grouped = found.grouped([shares.get(role, {}) for role in roles])
    unnamed = found.grouped([{nobodys[role or NO_ROLE]: 1.0} if (role or NO_ROLE) in nobodys else {} for role in roles])
    return Demand(
        periods,
        roles,
        tuple(len(shares.get(role, {})) for role in roles),
        capacity=grouped.capacity,
        firm=grouped.hard,
        unassigned=unnamed.hard,
        proposed=np.add(grouped.soft, unnamed.soft),
    )
