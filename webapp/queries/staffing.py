"""Who works on what, as a viewer may see it: projects out of sight are one column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from portfolio.access.viewer import Viewer
from portfolio.model.structure import Project
from portfolio.resources.periods import Periods
from portfolio.resources.staffing import staffing, switch_loss
from webapp.queries.load import planned


class Amount(NamedTuple):
    """Hours: firm ones, and proposed ones, which are in no load."""

    firm: float = 0.0
    proposed: float = 0.0

    def plus(self, other: Amount) -> Amount:
        return Amount(self.firm + other.firm, self.proposed + other.proposed)


@dataclass(frozen=True)
class StaffRow:
    """A person and their hours by project id; None: projects out of sight. `now` and `most` are the projects the first
    week and the fullest one divide them among."""

    person_id: int
    name: str
    role: str | None
    hours: Mapping[int | None, Amount]
    now: int
    most: int

    @property
    def total(self) -> Amount:
        return summed(self.hours.values())

    @property
    def lost(self) -> float:
        """The share of the fullest week that is said to go to switching, by a rule of thumb."""
        return switch_loss(self.most)


@dataclass(frozen=True)
class StaffingView:
    """What a viewer sees of who works on what: those with hours, the most divided first; names of projects by id."""

    weeks: Periods
    rows: tuple[StaffRow, ...]
    projects: Mapping[int, str]


def summed(amounts: Iterable[Amount]) -> Amount:
    """All of them together."""
    result = Amount()
    for amount in amounts:
        result = result.plus(amount)
    return result


def staffing_view(connection: Connection, viewer: Viewer, day: date, now: datetime, weeks: Periods) -> StaffingView:
    """The hours of all whom the viewer sees, by project."""
    plan, seen = planned(connection, viewer, day, now)
    found = staffing(plan, weeks)
    divided = found.projects(len(plan.persons) + len(plan.roles))
    shown = set(seen.persons)
    hours: dict[int, dict[int | None, Amount]] = defaultdict(dict)
    listed = (it.tolist() for it in (found.carrier, found.project, found.hard.sum(axis=1), found.soft.sum(axis=1)))
    for carrier, project, firm, proposed in zip(*listed, strict=True):
        if carrier in shown:
            ident = int(plan.projects[project]) if seen.projects[project] else None
            own = hours[carrier]
            own[ident] = own.get(ident, Amount()).plus(Amount(firm, proposed))
    rows = []
    for place, own in hours.items():
        person = seen.people[place]
        weekly = divided[place].tolist()
        rows.append(StaffRow(person.id, person.name, person.role, own, weekly[0], max(weekly)))
    rows.sort(key=lambda it: (-it.most, -it.now, it.name.casefold(), it.person_id))
    names = {row.id: row.name for row in connection.execute(select(Project.id, Project.name))}
    used = {ident for row in rows for ident in row.hours if ident is not None}
    return StaffingView(weeks, tuple(rows), {ident: names[ident] for ident in sorted(used)})
