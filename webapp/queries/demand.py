"""Demand against capacity by role, as a viewer may see it: who sees groups sees no role of too few persons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from portfolio.access.masks import Sight, load_sight
from portfolio.access.suppression import suppressed
from portfolio.access.viewer import Viewer
from portfolio.resources.demand import Need, demand
from portfolio.resources.groups import Grouping
from portfolio.resources.heat import heat_map
from portfolio.resources.periods import Periods
from webapp.queries.load import groups_in, planned


@dataclass(frozen=True)
class RoleNeeds:
    """A role (None: it is not known), how many have it, and its periods; None where they are too few to be shown: then
    `persons` are those whose hours they would be."""

    role: str | None
    persons: int
    needs: tuple[Need, ...] | None

    @property
    def worst(self) -> float:
        """The hours the role is short of in its worst period, below 0; or the least it has free."""
        return min((need.gap for need in self.needs or ()), default=0.0)


@dataclass(frozen=True)
class DemandView:
    """What a viewer sees of demand: roles, those that are shortest first, and all together (None as for a role)."""

    periods: Periods
    rows: tuple[RoleNeeds, ...]
    total: tuple[Need, ...] | None


def demand_view(connection: Connection, viewer: Viewer, day: date, now: datetime, periods: Periods) -> DemandView:
    """Demand and capacity of all whom the viewer sees, and of what nobody was named for in their projects."""
    plan, seen = planned(connection, viewer, day, now)
    groups = groups_in(connection, plan, seen, Grouping.ROLE)
    found = demand(plan, groups, periods)
    fewest = heat_map(plan, periods).fewest([group.members for group in groups])
    sizes = dict.fromkeys(found.roles, 0) | {group.name: size for group, size in zip(groups, fewest, strict=True)}
    hidden = frozenset[str | None]() if load_sight(viewer) is Sight.NAMED else suppressed(sizes)
    rows = [
        RoleNeeds(role, sizes[role], None) if role in hidden else RoleNeeds(role, found.persons[row], found.needs(row))
        for row, role in enumerate(found.roles)
    ]
    rows.sort(key=lambda it: (it.needs is None, it.worst, it.role is None, (it.role or "").casefold()))
    return DemandView(periods, tuple(rows), None if len(hidden) == len(rows) else found.total)
