"""Hours spread over days: what work and bookings come to for each day of a window. Pure arithmetic.

Hours go to days in proportion to the capacity of these days, which is even where capacity is. So what an item comes to
on a day does not depend on what else there is: load adds up, whatever the order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from portfolio.resources.capacity import Capacity, Hours, Numbers

NEVER = 2**30
"""The day of what has no date."""
OVERDUE_DAYS = 5


class Pieces(NamedTuple):
    """Something that takes hours on the days from `first` to `last`, many at a time.

    Of each day it takes `rate` of the capacity, and `flat` hours where there is any capacity; and `lump` hours of the
    last day, whatever its capacity.
    """

    first: Numbers
    last: Numbers
    rate: Hours
    flat: Hours
    lump: Hours


def windows(carrier: Numbers, start: Numbers, due: Numbers, capacity: Capacity, as_of: int) -> tuple[Numbers, Numbers]:
    """From which day to which work is done that is due: from its start or today, to the day it is due.

    What is overdue is done in the next days with capacity (`OVERDUE_DAYS`), what starts after it is due on the day it
    is due. Source: practice default.
    """
    first, last = np.minimum(np.maximum(start, as_of), due), np.minimum(due, capacity.last)
    overdue = due < as_of
    if overdue.any():
        last = np.where(overdue, capacity.nth_day(OVERDUE_DAYS, as_of)[carrier], last)
    return np.where(overdue, as_of, np.minimum(first, last)), last


def spread(carrier: Numbers, first: Numbers, last: Numbers, hours: Hours, capacity: Capacity) -> Pieces:
    """So many hours on the days of a window, by capacity. Without any capacity all are on the last day: hours are never
    dropped, and there they show as too many."""
    whole = capacity.between(carrier, first, last)
    fits = whole > 0
    rate = np.divide(hours, whole, out=np.zeros_like(hours), where=fits)
    return Pieces(first, last, rate, np.zeros_like(hours), np.where(fits, 0.0, hours))


def hours_by_day(line: Numbers, pieces: Pieces, capacity: Hours, first: int) -> Hours:
    """The hours of the pieces by line and day. `capacity` is that of each line on the days from `first` on."""
    lines, days = capacity.shape
    if not len(line):
        return np.zeros((lines, days))
    width = days + 1
    begins = line * width + np.clip(pieces.first - first, 0, days)
    ends = line * width + np.clip(pieces.last - first + 1, 0, days)
    result = np.zeros((lines, days))
    for amount, by in ((pieces.rate, capacity), (pieces.flat, capacity > 0)):
        some = np.flatnonzero(amount)
        if len(some):
            changes = np.bincount(begins[some], amount[some], lines * width)
            changes -= np.bincount(ends[some], amount[some], lines * width)
            result += np.cumsum(changes.reshape(lines, width), axis=1)[:, :days] * by
    ends_here = (pieces.lump > 0) & (pieces.last >= first) & (pieces.last < first + days)
    lump = np.flatnonzero(ends_here)
    np.add.at(result, (line[lump], pieces.last[lump] - first), pieces.lump[lump])
    # Sums of what is added and taken away again leave crumbs.
    return np.where(result < 1e-9, 0.0, result)
