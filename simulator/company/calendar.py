"""Working calendars: which days are worked, and a number line of working days on which lives are told.

A *working position* is a float: the whole part counts the calendar's working days, the fraction is how much of that
day's working hours has passed. Adding to a position therefore never lands on a weekend or a holiday. Working hours are
chosen so that one instant falls on the same date in every time zone from UTC-8 to UTC+8.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

DAY_STARTS_AT = timedelta(hours=8, minutes=30)
WORKED_MS = 7 * 3600 * 1000

# Day and month of each calendar's fixed holidays; the regions are invented, their habits are not anybody's.
HOLIDAYS: dict[str, tuple[tuple[int, int], ...]] = {
    "north": ((1, 1), (6, 1), (1, 5), (22, 6), (3, 10), (24, 12), (25, 12), (26, 12), (31, 12)),
    "south": ((1, 1), (20, 1), (21, 4), (1, 5), (7, 9), (15, 11), (25, 12)),
    "isles": ((1, 1), (17, 3), (4, 5), (31, 8), (25, 12), (26, 12), (27, 12)),
}


class Calendar:
    """The working days of one region between two dates (both included), with their positions."""

    def __init__(self, name: str, first: date, last: date, holidays: Iterable[tuple[int, int]]) -> None:
        closed = frozenset(holidays)
        span = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
        self.name = name
        self.days: list[date] = [day for day in span if day.weekday() < 5 and (day.day, day.month) not in closed]
        self._starts = [datetime(day.year, day.month, day.day, tzinfo=UTC) + DAY_STARTS_AT for day in self.days]
        self._worked = frozenset(self.days)

    def works(self, day: date) -> bool:
        return day in self._worked

    def index(self, day: date) -> int:
        """The position of `day`, or of the next working day after it."""
        return bisect_left(self.days, day)

    def day(self, position: float) -> date:
        """The date at a position; positions outside the calendar are held at its ends."""
        return self.days[min(max(int(position), 0), len(self.days) - 1)]

    def moment(self, position: float) -> datetime:
        """The instant at a position, in UTC, to the millisecond. Raises IndexError outside the calendar."""
        whole = int(position)
        return self._starts[whole] + timedelta(milliseconds=int((position - whole) * WORKED_MS))


def calendars(today: date) -> dict[str, Calendar]:
    """The company's calendars, from two years before `today` to two years after."""
    first, last = today - timedelta(days=740), today + timedelta(days=740)
    return {name: Calendar(name, first, last, days) for name, days in HOLIDAYS.items()}
