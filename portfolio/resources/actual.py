"""What was booked and what was logged, in weeks that are over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from sqlalchemy import Connection, func, select

from portfolio.facts.earned import logged_on
from portfolio.model.people import Allocation, Person
from portfolio.model.work import Worklog
from portfolio.resources.calendars import read_capacity
from portfolio.resources.capacity import NOTHING, Capacity, Hours
from portfolio.resources.load import Bookings, book, by_period
from portfolio.resources.periods import DAY, WEEK
from portfolio.resources.pieces import hours_by_day
from portfolio.resources.plan import AHEAD

_HOUR = 3600
Key = TypeVar("Key", bound=Hashable)
_Key: TypeAlias = tuple[int, int, date]


class Compared(NamedTuple):
    """The hours of a person, a project and a week (its Monday): firmly booked, and logged."""

    person_id: int
    project_id: int
    week: date
    planned: float
    logged: float


class Accuracy(NamedTuple):
    """Hours that were booked and logged, how far the two agree (`least`) and the larger of the two (`most`)."""

    planned: float = 0.0
    logged: float = 0.0
    least: float = 0.0
    most: float = 0.0

    @property
    def value(self) -> float | None:
        """The share in which plan and time logged agree; None where there is neither.

        Source: RES-07: sum of min(planned, actual) / sum of max(planned, actual) over person, project and week.
        """
        return self.least / self.most if self.most > NOTHING else None

    def plus(self, it: Compared) -> Accuracy:
        """With one more week of somebody in a project."""
        least, most = min(it.planned, it.logged), max(it.planned, it.logged)
        return Accuracy(self.planned + it.planned, self.logged + it.logged, self.least + least, self.most + most)


def closed_weeks(day: date, number: int) -> tuple[date, ...]:
    """The Mondays of the last weeks that were over before the day. Here a week goes from Monday to Sunday."""
    this = day - timedelta(days=day.weekday())
    return tuple(this - place * WEEK for place in range(number, 0, -1))


def accuracy(compared: Iterable[tuple[Key, Compared]]) -> dict[Key, Accuracy]:
    """How far plan and time logged agree, by any key: of a person, a project, a week, or the same for all."""
    result: dict[Key, Accuracy] = defaultdict(Accuracy)
    for key, it in compared:
        result[key] = result[key].plus(it)
    return dict(result)


def held(compared: Sequence[Compared]) -> list[Compared]:
    """Those of projects that booked anybody in these weeks: what was logged in others is held against no plan."""
    booking = {it.project_id for it in compared if it.planned}
    return [it for it in compared if it.project_id in booking]


def read_compared(connection: Connection, weeks: Sequence[date]) -> list[Compared]:
    """What was booked firmly and what was logged in these weeks, one after the other without a gap; in order.

    Booked is what the bookings say now of weeks that are over: nobody keeps what they said then. Of somebody who is not
    active any more it is what it was when they were. Hours in all of days on which somebody could do nothing are spread
    like those of a role. Logged is time that was not rejected.
    """
    first, last = weeks[0], weeks[-1] + WEEK - DAY
    planned, logged = _planned(connection, first, last), _logged(connection, first, last)
    return [
        Compared(*key, planned.get(key, 0.0), logged.get(key, 0.0)) for key in sorted(planned.keys() | logged.keys())
    ]


def _logged(connection: Connection, first: date, last: date) -> dict[_Key, float]:
    it = Worklog
    counts = (it.person_id.is_not(None), it.project_id.is_not(None), logged_on(last), it.work_date >= first)
    keys = (it.person_id, it.project_id, it.work_date)
    query = select(*keys, func.sum(it.seconds)).where(*counts).group_by(*keys)
    result: dict[_Key, float] = defaultdict(float)
    rows: Sequence[Any] = connection.execute(query).all()
    for person_id, project_id, day, seconds in rows:
        result[person_id, project_id, day - timedelta(days=day.weekday())] += float(seconds) / _HOUR
    return result


def _planned(connection: Connection, first: date, last: date) -> dict[_Key, float]:
    it = Allocation
    columns = (it.person_id, it.project_id, it.start, it.end, it.percent, it.hours_per_day, it.total_hours)
    firm = (it.kind == "hard", it.person_id.is_not(None), it.start <= last, it.end >= first)
    booked = connection.execute(select(*columns).where(*firm).order_by(it.id)).all()
    if not booked:
        return {}
    begin = max(min(first, *(row.start for row in booked)), first - AHEAD)
    end = min(max(last, *(row.end for row in booked)), last + AHEAD)
    persons = np.array(connection.scalars(select(Person.id).order_by(Person.id)).all(), np.int64)
    capacity = read_capacity(connection, persons, 1, begin, end, gone=True)
    rows = [
        (
            int(np.searchsorted(persons, row.person_id)),
            row.project_id,
            max(row.start, begin).toordinal(),
            min(row.end, end).toordinal(),
            float(row.percent or 0) / 100,
            float(row.hours_per_day or 0),
            float(row.total_hours or 0),
        )
        for row in booked
    ]
    hours = _by_week(rows, capacity, first.toordinal(), last.toordinal())
    result: dict[_Key, float] = defaultdict(float)
    for row, weeks in zip(booked, hours.tolist(), strict=True):
        for number, week in enumerate(weeks):
            if week > NOTHING:
                result[row.person_id, row.project_id, first + number * WEEK] += week
    return result


def _by_week(rows: Sequence[tuple[float, ...]], capacity: Capacity, first: int, last: int) -> Hours:
    """The hours of bookings by week, a row for each. The last carrier is a role."""
    each = np.array(rows, np.float64).reshape(-1, len(Bookings._fields))
    carrier, project, begins, ends = (each[:, column].astype(np.int64) for column in range(4))
    share, hours_per_day, total_hours = each[:, 4:].T
    nothing = (total_hours > 0) & (capacity.between(carrier, begins, ends) <= NOTHING)
    carrier = np.where(nothing, capacity.count - 1, carrier)
    pieces = book(Bookings(carrier, project, begins, ends, share, hours_per_day, total_hours), capacity)
    days = hours_by_day(np.arange(len(each)), pieces, capacity.daily(first, last)[carrier], first)
    return by_period(days, np.arange(0, last - first + 1, WEEK.days))
