"""What a scenario would change of the plan as it stands: applied, and compared, once each. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from sqlalchemy import Connection

from portfolio.calendar import WorkCalendar, load_calendar
from portfolio.resources.demand import demand
from portfolio.resources.groups import Group, Grouping, groups_among
from portfolio.resources.heat import heat_map
from portfolio.resources.periods import Columns, Periods, periods_from
from portfolio.resources.plan import Plan
from portfolio.scenario.apply import Added, Applied, apply
from portfolio.scenario.compare import PersonWeeks, RoleMonths, persons_changed, roles_by_month
from portfolio.scenario.cost import costs, read_rates
from portfolio.scenario.faults import Fault
from portfolio.scenario.finish import finishes
from portfolio.scenario.names import Names
from portfolio.scenario.naming import InSight, read_names
from portfolio.scenario.operations import Operation
from portfolio.scenario.pace import read_paced
from portfolio.scenario.projects import Costs, ProjectChange, changed, project_changes

LOOKED_AT = timedelta(weeks=53)
"""How far ahead it is looked when planned work could be done."""


@dataclass(frozen=True)
class Outcome:
    """What a scenario would change. `names` are what it may name. `persons` are the ids of the plan as it would be, in
    their order; those added have numbers there that `added` tells of."""

    names: Names
    weeks: Periods
    months: Periods
    persons: tuple[int, ...]
    added: tuple[Added, ...]
    left_out: tuple[Fault, ...]
    changes: tuple[PersonWeeks, ...]
    roles: tuple[RoleMonths, ...]
    projects: tuple[ProjectChange, ...]

    @property
    def weeks_over(self) -> tuple[int, int]:
        """The weeks with too much of those who change, before and after."""
        before, after = (sum(it.weeks_over[side] for it in self.changes) for side in (0, 1))
        return before, after

    @property
    def over(self) -> tuple[float, float]:
        """The hours too much of those who change, before and after."""
        before, after = (sum(it.over[side] for it in self.changes) for side in (0, 1))
        return before, after


def run(
    connection: Connection,
    plan: Plan,
    operations: Sequence[Operation],
    sight: InSight,
    weeks: Periods,
    *,
    with_cost: bool = False,
) -> Outcome:
    """What these operations would change of a plan, as far as it is in sight. `weeks` begin on the day of the plan."""
    calendar = load_calendar(connection)
    names = read_names(connection, operations, plan, sight)
    done = apply(plan, operations, names, calendar)
    months = _months(weeks)
    return Outcome(
        names,
        weeks,
        months,
        tuple(done.plan.persons.tolist()),
        done.added,
        done.left_out,
        _persons(plan, done, weeks, sight),
        _roles(connection, plan, done, months, sight),
        _projects(connection, plan, done, sight, calendar, with_cost=with_cost),
    )


def _persons(plan: Plan, done: Applied, weeks: Periods, sight: InSight) -> tuple[PersonWeeks, ...]:
    before, after = (heat_map(it, weeks) for it in (plan, done.plan))
    return persons_changed(before, after, len(plan.persons), sorted(sight.persons), len(done.added))


def _months(weeks: Periods) -> Periods:
    """The months these weeks are in, as a whole."""
    first, last = weeks.days[0], weeks.last
    return periods_from(first, Columns.MONTH, (last.year - first.year) * 12 + last.month - first.month + 1)


def _roles(
    connection: Connection, plan: Plan, done: Applied, months: Periods, sight: InSight
) -> tuple[RoleMonths, ...]:
    found = groups_among(connection, Grouping.ROLE, plan.persons, sight.persons, plan.as_of)
    new = {group.name: dict(group.members) for group in found}
    for place, it in enumerate(done.added, len(plan.persons)):
        new.setdefault(it.role, {})[place] = 1.0
    groups = [Group(name, members) for name, members in new.items()]
    return roles_by_month(demand(plan, found, months), demand(done.plan, groups, months))


def _projects(
    connection: Connection,
    plan: Plan,
    done: Applied,
    sight: InSight,
    calendar: WorkCalendar,
    *,
    with_cost: bool,
) -> tuple[ProjectChange, ...]:
    last = plan.as_of + LOOKED_AT
    ends = finishes(plan, last), finishes(done.plan, last)
    seen = np.flatnonzero(sight.projects).tolist()
    spent: tuple[Costs, Costs] = ({}, {})
    if with_cost:
        rates = read_rates(connection, plan.as_of)
        roles = {**rates.role_of, **{it.number: it.role for it in done.added}}
        spent = costs(plan, rates, seen), costs(done.plan, replace(rates, role_of=roles), seen)
    places = changed(ends, spent, done.delays.keys() | done.dropped, seen)
    return project_changes(places, ends, spent, read_paced(connection, plan, done, places, calendar))
