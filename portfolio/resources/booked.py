"""Bookings as they stand: of whom or of which role, for which project, from when to when, and how much."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, Connection, and_, case, cast, func, select

from portfolio.facts.lifecycle import OVER
from portfolio.facts.spans import ordinal
from portfolio.model.people import Allocation
from portfolio.model.structure import Project
from portfolio.resources.capacity import Hours, Numbers
from portfolio.resources.load import Bookings
from portfolio.resources.rows import take
from portfolio.store.columns import numbers_of, read_numbers, text_of

NOBODY = -1
NO_ROLE = ""
_THOUSAND = 1000
A = Allocation


class Booked(NamedTuple):
    """Bookings in order of their ids, a row each. `person` and `project` are ids, `NOBODY` where a role is booked:
    `roles` says which, by row. Days are both included. One of the three amounts is above 0, or none."""

    person: Numbers
    project: Numbers
    start: Numbers
    end: Numbers
    share: Hours
    hours_per_day: Hours
    total_hours: Hours
    firm: NDArray[np.bool_]
    roles: Mapping[int, str]

    def since(self, day: int) -> int:
        """The first day that counts: of hours in all the days before `day` take their share, too."""
        return int(self.start[self.total_hours > 0].min(initial=day))

    def bookings(
        self, persons: Numbers, projects: Numbers, nobody: Mapping[str, int], first: int
    ) -> tuple[Bookings, Bookings]:
        """Firm and proposed ones, as load is computed from them from the day `first` on: persons and projects (their
        ids, in order) by their places, roles by those of `nobody`."""
        carrier = np.searchsorted(persons, self.person)
        for row, role in self.roles.items():
            carrier[row] = nobody[role]
        days = np.maximum(self.start, first), self.end
        every = Bookings(carrier, np.searchsorted(projects, self.project), *days, *self[4:7])
        return take(every, self.firm), take(every, ~self.firm)


def read_booked(connection: Connection, as_of: date) -> Booked:
    """Bookings that are not over, of projects that go on; what nothing feeds any more is shown to nobody."""
    going_on = A.project_id.in_(select(Project.id).where(Project.status.not_in(OVER), Project.fed))
    wanted = and_(A.end >= as_of, going_on)
    amounts = [_thousandths(it) for it in (A.percent, A.hours_per_day, A.total_hours)]
    days, firm = (ordinal(A.start), ordinal(A.end)), case((A.kind == "hard", 1), else_=0)
    columns = (func.coalesce(A.person_id, NOBODY), A.project_id, *days, *amounts, firm)
    ident, *told = read_numbers(connection, A.id, columns, wanted)
    order = np.argsort(ident, kind="stable")
    person, project, start, end, percent, hours_per_day, total_hours, hard = (column[order] for column in told)
    roles = dict[int, str]()
    if (person == NOBODY).any():
        role = func.coalesce(A.placeholder, NO_ROLE)
        query = select(role, text_of(A.id)).where(wanted, A.person_id.is_(None)).group_by(role)
        for name, ids in connection.execute(query):
            roles |= dict.fromkeys(np.searchsorted(ident[order], numbers_of(ids)).tolist(), name)
    hours = (percent / _THOUSAND / 100, hours_per_day / _THOUSAND, total_hours / _THOUSAND)
    return Booked(person, project, start, end, *hours, hard > 0, roles)


def _thousandths(amount: Any) -> ColumnElement[Any]:
    """An amount, of which three decimals are kept, as a whole number."""
    return func.coalesce(cast(func.round(amount * _THOUSAND), BigInteger), 0)
