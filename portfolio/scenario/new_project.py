"""A new project as hours of roles, and when it could begin beside the plan as it stands."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
import numpy as np
from sqlalchemy import Connection

from portfolio.resources.capacity import Hours
from portfolio.resources.demand import demand
from portfolio.resources.groups import Grouping, groups_among
from portfolio.resources.periods import WEEK, weeks_from
from portfolio.resources.plan import Plan
from portfolio.scenario.bounds import MOST_HOURS
from portfolio.scenario.faults import Fault, ScenarioError
from portfolio.scenario.naming import InSight
from portfolio.scenario.start import HORIZON_WEEKS, Earliest, earliest


class NewProject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours by role over so many weeks: a number is spread evenly over them, a list is hours week by week."""

    weeks: int
    roles: dict[str, float | tuple[float, ...]]

    def demand(self) -> Hours:
        """The hours by role and week."""
        rows = []
        for asked in self.roles.values():
            each = (asked / self.weeks,) * self.weeks if isinstance(asked, float | int) else asked
            rows.append([*each, *[0.0] * (self.weeks - len(each))])
        return np.array(rows, np.float64).reshape(len(self.roles), self.weeks)


@dataclass(frozen=True)
class Start:
    """When it could begin: the first Monday, and why not on one before, by Monday: the role, and the hours it lacks.
    None: not so that it is done within the weeks looked at."""

    day: date | None
    blocked: tuple[tuple[date, str, float], ...]

    @property
    def bottleneck(self) -> str | None:
        """The role that keeps it from beginning earlier."""
        return self.blocked[-1][1] if self.blocked else None


@dataclass(frozen=True)
class Starts:
    """When it could begin if proposed bookings are left out, and if they are all kept."""

    firm: Start
    with_proposed: Start


def read_new_project(content: str, *, toml: bool) -> NewProject:
    """A new project from JSON or TOML. Raises `ScenarioError`."""
    try:
        document = tomllib.loads(content) if toml else msgspec.json.decode(content)
        asked = msgspec.convert(document, NewProject)
    except (msgspec.ValidationError, msgspec.DecodeError, tomllib.TOMLDecodeError) as error:
        example = '{"weeks": 8, "roles": {"Tester": 120, "Designer": [40, 20]}}'
        raise ScenarioError(Fault(0, f"This says no demand: {error}. Write it like {example}.")) from error
    return checked(asked)


def checked(asked: NewProject) -> NewProject:
    """The project, if there can be one like it. Raises `ScenarioError`."""
    if not 0 < asked.weeks <= HORIZON_WEEKS:
        raise ScenarioError(Fault(0, f"The weeks must be 1 at least and {HORIZON_WEEKS} at most."))
    if not asked.roles:
        raise ScenarioError(Fault(0, "Name one role at least, with its hours."))
    for role, hours in asked.roles.items():
        each = (hours,) if isinstance(hours, float | int) else hours
        if len(each) > asked.weeks or not each:
            raise ScenarioError(Fault(0, f"{role}: give hours for {asked.weeks} weeks at most, and for one at least."))
        if not all(0 <= some <= MOST_HOURS for some in each):
            raise ScenarioError(Fault(0, f"{role}: hours must be from 0 to {MOST_HOURS}."))
    return asked


def starts(connection: Connection, plan: Plan, asked: NewProject, sight: InSight) -> Starts:
    """When a new project could begin: from the first Monday on that is not before the day of the plan.

    What is free of a role in a week is its capacity less firm and unassigned work, not below 0. Raises `ScenarioError`
    for a role that nobody in sight is in.
    """
    groups = groups_among(connection, Grouping.ROLE, plan.persons, sight.persons, plan.as_of)
    members = {group.name for group in groups}
    if unknown := sorted(role for role in asked.roles if role not in members):
        known = ", ".join(sorted(name for name in members if name)) or "none"
        raise ScenarioError(Fault(0, f"Nobody in sight is in the role {unknown[0]}. There are: {known}."))
    monday = plan.as_of + timedelta(days=-plan.as_of.weekday() % 7)
    weeks = weeks_from(monday, HORIZON_WEEKS)
    names = list(asked.roles)
    told = demand(plan, groups, weeks)
    needs = [told.needs(told.roles.index(name)) for name in names]
    free = np.array([[week.gap for week in role] for role in needs], np.float64)
    soft = np.array([[week.proposed for week in role] for role in needs], np.float64)
    wanted = asked.demand()
    return Starts(*(_told(earliest(np.maximum(some, 0.0), wanted), names, monday) for some in (free, free - soft)))


def _told(found: Earliest, names: list[str], monday: date) -> Start:
    blocked = tuple((monday + place * WEEK, names[it.role], it.lacking) for place, it in enumerate(found.blocked))
    return Start(None if found.week is None else monday + found.week * WEEK, blocked)
