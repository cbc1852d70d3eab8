"""When a new project could begin at the earliest: the first week from which the roles it needs have the room. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portfolio.resources.capacity import Hours

HORIZON_WEEKS = 52
"""Within so many weeks it has to be done."""
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Blocked:
    """Why a project cannot begin in a week: the role (its place) that lacks the most hours, and how many it lacks."""

    role: int
    lacking: float


@dataclass(frozen=True)
class Earliest:
    """The week (its place) from which there is room, None for none within the weeks looked at; and why it is not an
    earlier one, each week before it."""

    week: int | None
    blocked: tuple[Blocked, ...]

    @property
    def bottleneck(self) -> int | None:
        """The role (its place) that keeps it from beginning earlier: that of the last week that would not do."""
        return self.blocked[-1].role if self.blocked else None


def earliest(free: Hours, demand: Hours) -> Earliest:
    """The first week from which the free hours hold all that is asked for, each week of it in its own.

    `free` is by role and week, from the first that may be begun in; `demand` by role and week of the project. Hours
    of one week do not make up for those of another. Source: plain search, as a resource manager does it by hand.
    """
    length, blocked = demand.shape[1], list[Blocked]()
    for week in range(free.shape[1] - length + 1):
        lacking = np.maximum(demand - free[:, week : week + length], 0.0).sum(axis=1)
        if (lacking <= _ROUNDING).all():
            return Earliest(week, tuple(blocked))
        worst = int(np.argmax(lacking))
        blocked.append(Blocked(worst, float(lacking[worst])))
    return Earliest(None, tuple(blocked))
