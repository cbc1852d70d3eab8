"""Working days: how many lie between two days, and by how many a date slipped.

Dates only, both ends included; no hours, no time zones. A part-day holiday is a working day here (its hours matter to
capacity, not to counting days).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select

from portfolio.model.people import Calendar, Holiday

PORTFOLIO_CALENDAR = "portfolio"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkCalendar:
    """`mask` has seven digits from Monday, 1 for a working day; `holidays` are whole days off."""

    mask: str = "1111100"
    holidays: frozenset[date] = frozenset()

    def workdays(self, first: date, last: date) -> int:
        """Working days from `first` to `last`, both included; 0 when `last` is before `first`."""
        if last < first:
            return 0
        weeks, rest = divmod((last - first).days + 1, 7)
        count = weeks * self.mask.count("1")
        count += sum(self.mask[(first.weekday() + offset) % 7] == "1" for offset in range(rest))
        return count - sum(
            first <= holiday <= last and self.mask[holiday.weekday()] == "1" for holiday in self.holidays
        )

    def slip(self, baseline: date, actual: date) -> int:
        """Working days by which `actual` lies after `baseline`; negative when early.

        A finish on the weekend after a Friday baseline is a slip of 0: no working day was lost.
        """
        if actual >= baseline:
            return self.workdays(baseline + _DAY, actual)
        return -self.workdays(actual + _DAY, baseline)

    def since(self, past: date, day: date) -> int:
        """Working days after `past`, up to and including `day`."""
        return self.workdays(past + _DAY, day)


def same_day(day: date) -> date:
    """The day itself."""
    return day


def full_weeks(day: date, weeks: int) -> Iterator[date]:
    """The Mondays of the last `weeks` ISO weeks that are over at the end of `day`, oldest first."""
    last_monday = day - timedelta(days=day.weekday() if day.weekday() == 6 else day.weekday() + 7)
    for back in range(weeks - 1, -1, -1):
        yield last_monday - timedelta(weeks=back)


def end_of_last_full_week(day: date) -> date:
    """The last Sunday on or before the day: the end of the last ISO week that is over at the end of it."""
    return day - timedelta(days=(day.weekday() + 1) % 7)


def load_calendar(connection: Connection) -> WorkCalendar:
    """The calendar named "portfolio" with its holidays; Monday to Friday without holidays when there is none."""
    row = connection.execute(
        select(Calendar.id, Calendar.workdays).where(Calendar.name == PORTFOLIO_CALENDAR)
    ).one_or_none()
    if row is None:
        return WorkCalendar()
    holidays = connection.scalars(select(Holiday.day).where(Holiday.calendar_id == row.id, Holiday.fraction >= 1))
    return WorkCalendar(row.workdays, frozenset(holidays))
