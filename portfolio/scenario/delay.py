"""A plan with a project later: by working days of the portfolio's calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from portfolio.calendar import WorkCalendar
from portfolio.resources.capacity import Capacity, Numbers
from portfolio.resources.load import Bookings, Work
from portfolio.resources.pieces import NEVER, OVERDUE_DAYS
from portfolio.resources.plan import AHEAD, Plan
from portfolio.resources.rows import take

_BEFORE = 60
"""So many days before today are known: the last working day before a day off is among them."""


class _Workdays:
    """Moving days by working days: what begins on a day off begins on the next working day, what ends on one ended on
    the working day before. A day after all that are known is the last of them."""

    def __init__(self, calendar: WorkCalendar, as_of: int, last: int) -> None:
        self._days = np.array(calendar.days(as_of - _BEFORE, last), np.int64)

    def begins(self, days: Numbers, workdays: int) -> Numbers:
        """The days on which something begins, so many working days later."""
        return self._at(days, np.searchsorted(self._days, days) + workdays)

    def ends(self, days: Numbers, workdays: int) -> Numbers:
        """The days on which something ends, so many working days later."""
        return self._at(days, np.searchsorted(self._days, days, side="right") - 1 + workdays)

    def span(self, first: Numbers, last: Numbers, workdays: int) -> tuple[Numbers, Numbers]:
        """Days from the first to the last, both so many working days later. Days off alone become one working day."""
        begins = self.begins(first, workdays)
        return begins, np.maximum(self.ends(last, workdays), begins)

    def _at(self, days: Numbers, place: Numbers) -> Numbers:
        return self._days[np.clip(place, 0, len(self._days) - 1)] if len(self._days) else days


def delayed(plan: Plan, project: int, workdays: int, calendar: WorkCalendar) -> Plan:
    """The plan with all of a project's work and bookings that are still ahead so many working days later.

    What had no start would have begun today, and what is overdue would have taken the next days: these are moved, too.
    Items that are in other projects as well are later there, as they are one piece of work. What has no date gets none.
    """
    as_of = plan.as_of.toordinal()
    days = _Workdays(calendar, as_of, (plan.as_of + 2 * AHEAD).toordinal())
    rows = plan.rows
    of_project = np.flatnonzero(np.isin(rows.item, rows.item[rows.work.project == project]))
    moved = _work(take(rows.work, of_project), as_of, workdays, days)
    start, due = rows.work.start.copy(), rows.work.due.copy()
    start[of_project], due[of_project] = moved.start, moved.due
    work = rows.work._replace(start=start, due=due)
    hard, soft = (_bookings(it, project, as_of, workdays, days, plan.capacity) for it in (plan.hard, plan.soft))
    return replace(plan, rows=rows._replace(work=work), hard=hard, soft=soft)


def _work(work: Work, as_of: int, workdays: int, days: _Workdays) -> Work:
    overdue = work.due < as_of
    due = np.where(overdue, days.begins(np.full_like(work.due, as_of), OVERDUE_DAYS - 1), work.due)
    start = np.where(overdue, as_of, np.minimum(np.maximum(work.start, as_of), due))
    start, due = days.span(start, due, workdays)
    return work._replace(start=start, due=np.where(work.due < NEVER, due, work.due))


def _bookings(it: Bookings, project: int, as_of: int, workdays: int, days: _Workdays, capacity: Capacity) -> Bookings:
    of_project = it.project == project
    begins = np.maximum(it.first, as_of)
    # Of hours in all the part of the days before today is behind, and stays there.
    ahead, whole = capacity.between(it.carrier, begins, it.last), capacity.between(it.carrier, it.first, it.last)
    left = np.divide(ahead, whole, out=np.ones_like(whole), where=whole > 0) * it.total_hours
    first, last = days.span(begins, it.last, workdays)
    return it._replace(
        first=np.where(of_project, first, it.first),
        last=np.where(of_project, last, it.last),
        total_hours=np.where(of_project, left, it.total_hours),
    )


def day_later(day: date, workdays: int, calendar: WorkCalendar) -> date:
    """The day on which something ends, so many working days later."""
    days = _Workdays(calendar, day.toordinal(), (day + AHEAD).toordinal())
    return date.fromordinal(int(days.ends(np.array([day.toordinal()]), workdays)[0]))
