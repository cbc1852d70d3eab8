"""What the load of one carrier is made of: the items and bookings behind the hours, by period."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from portfolio.resources.capacity import Hours, Numbers
from portfolio.resources.load import Bookings, Work, book, by_period, spread_work
from portfolio.resources.periods import Periods
from portfolio.resources.pieces import NEVER, Pieces, hours_by_day
from portfolio.resources.plan import Plan
from portfolio.resources.rows import take


class Parts(NamedTuple):
    """Parts of a load, a row each: the item (0 for a booking), the project (its place), hours by period, and
    whether they were made of points. `hard`: it is work or a firm booking."""

    item: Numbers
    project: Numbers
    hours: Hours
    derived: NDArray[np.bool_]
    hard: bool


def parts_of(plan: Plan, carrier: int, periods: Periods) -> tuple[Parts, Parts, Parts]:
    """Work, firm bookings and proposed ones of a carrier. Of work and a firm booking of one project only the larger
    counts in the load, so these add up to it or to more."""
    rows = plan.rows
    mine = (rows.work.carrier == carrier) & (rows.work.due < NEVER)
    work: Work = take(rows.work, mine)
    tasks = spread_work(work, plan.capacity, plan.as_of.toordinal())
    done = Parts(
        rows.item[mine], work.project, _by_period(plan, carrier, tasks, periods), rows.derived[mine], hard=True
    )
    return (
        done,
        _booked(plan, carrier, plan.hard, periods, hard=True),
        _booked(plan, carrier, plan.soft, periods, hard=False),
    )


def _booked(plan: Plan, carrier: int, bookings: Bookings, periods: Periods, *, hard: bool) -> Parts:
    mine = take(bookings, bookings.carrier == carrier)
    hours = _by_period(plan, carrier, book(mine, plan.capacity), periods)
    count = len(mine.carrier)
    return Parts(np.zeros(count, np.int64), mine.project, hours, np.zeros(count, np.bool_), hard)


def _by_period(plan: Plan, carrier: int, pieces: Pieces, periods: Periods) -> Hours:
    count = len(pieces.first)
    if not count:
        return np.zeros((0, len(periods.days)))
    first, last = periods.days[0].toordinal(), periods.last.toordinal()
    days = np.arange(first, last + 1)
    capacity = np.tile(plan.capacity.between(np.full(len(days), carrier), days, days), (count, 1))
    return by_period(hours_by_day(np.arange(count), pieces, capacity, first), periods.starts)
