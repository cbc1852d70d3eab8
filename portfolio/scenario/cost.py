"""What the planned hours of projects cost, at the rates of today.

An hour costs what the person's own rate says, else the rate of their role, else nothing is known of it. Planned are all
hours that remain of the work, and what firm bookings are more than it to the end of the last of them, or as far ahead
as capacity is known: what a delay moves costs what it did.
Source: as `portfolio.facts.costs`, for hours to come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import Connection, or_, select

from portfolio.model.finance import CostRate
from portfolio.model.people import Person
from portfolio.resources.capacity import Hours, Numbers
from portfolio.resources.load import beyond_work
from portfolio.resources.plan import Plan

AT_ONCE = 366
"""Days for which the hours of everybody are held at a time."""
Rate = tuple[float, str]
"""What an hour costs, and in which currency."""


@dataclass(frozen=True)
class Rates:
    """The rates that hold on a day, by person's id and by role; and the roles of persons."""

    persons: Mapping[int, Rate]
    roles: Mapping[str, Rate]
    role_of: Mapping[int, str | None]

    def of(self, person_id: int) -> Rate | None:
        """The rate of a person."""
        return self.persons.get(person_id) or self.roles.get(self.role_of.get(person_id) or "")


@dataclass(frozen=True)
class Cost:
    """What hours cost by currency, and how many have no rate."""

    amounts: Mapping[str, float]
    unrated: float


def read_rates(connection: Connection, day: date) -> Rates:
    """The rates that hold on a day; of several the newest."""
    it = CostRate
    query = select(it.person_id, it.role, it.amount, it.currency).order_by(it.valid_from, it.id)
    holds = query.where(it.valid_from <= day, or_(it.valid_to.is_(None), it.valid_to >= day))
    persons, roles = {}, {}
    for person_id, role, amount, currency in connection.execute(holds):
        if person_id is not None:
            persons[person_id] = (float(amount), currency)
        elif role is not None:
            roles[role] = (float(amount), currency)
    told = connection.execute(select(Person.id, Person.role))
    return Rates(persons, roles, {row.id: row.role for row in told})


def costs(plan: Plan, rates: Rates, projects: Sequence[int]) -> dict[int, Cost]:
    """What the planned hours of these projects (places) cost."""
    work, count = plan.rows.work, len(plan.projects)
    columns = ((work.carrier, work.project, work.hours), *_booked(plan))
    carrier, project, hours = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    known = [rates.of(ident) for ident in plan.persons.tolist()] + [rates.roles.get(role) for role in plan.roles]
    amount = np.array([0.0 if it is None else it[0] for it in known])
    amounts: dict[int, dict[str, float]] = {place: {} for place in projects}
    for currency in sorted({it[1] for it in known if it is not None}):
        rated = np.array([it is not None and it[1] == currency for it in known], np.bool_)[carrier]
        cost = np.bincount(project[rated], hours[rated] * amount[carrier[rated]], count)
        there = np.bincount(project[rated], minlength=count) > 0
        for place in np.flatnonzero(there).tolist():
            if place in amounts:
                amounts[place][currency] = float(cost[place])
    without = np.array([it is None for it in known], np.bool_)[carrier]
    unrated = np.bincount(project[without], hours[without], count).tolist()
    return {place: Cost(amounts[place], unrated[place]) for place in projects}


def _booked(plan: Plan) -> Iterator[tuple[Numbers, Numbers, Hours]]:
    """By how much firm bookings are more than the work: carrier, project, hours."""
    as_of = plan.as_of.toordinal()
    last = min(int(plan.hard.last.max(initial=as_of)), plan.capacity.last)
    for first in range(as_of, last + 1, AT_ONCE):
        yield beyond_work(plan.rows.work, plan.hard, plan.capacity, as_of, first, min(first + AT_ONCE - 1, last))
