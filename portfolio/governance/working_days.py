"""Ages in working days as limits of dates, so that a database can compare them."""

from __future__ import annotations

from datetime import date, timedelta

from portfolio.calendar import WorkCalendar

MOST = 1000
"""Working days a limit may lie away."""
_DAY = timedelta(days=1)
_FARTHEST = 20 * MOST


def last_of_age(calendar: WorkCalendar, day: date, age: int) -> date:
    """The last date after which at least `age` working days have passed by the end of `day`.

    `calendar.since(that, day) >= age`, and for no later date. `date.max` for 0, `date.min` where there is none.
    """
    if age <= 0:
        return date.max
    for back in range(_FARTHEST):
        asked = day - timedelta(days=back)
        age -= calendar.workdays(asked, asked)
        if age == 0:
            return asked - _DAY
    return date.min


def first_beyond(calendar: WorkCalendar, day: date, ahead: int) -> date:
    """The first date that is more than `ahead` working days ahead, `day` itself being the first of them.

    `calendar.workdays(day, that) > ahead`, and for no earlier date. `date.min` for less than 0 ahead, `date.max` where
    there is none.
    """
    if ahead < 0:
        return date.min
    left = ahead + 1
    for forward in range(_FARTHEST):
        asked = day + timedelta(days=forward)
        left -= calendar.workdays(asked, asked)
        if left == 0:
            return asked
    return date.max
