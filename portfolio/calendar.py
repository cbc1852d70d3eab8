"""Working days: how many lie between two days, and by how many a date slipped.

Dates only, both ends included; no hours, no time zones. A part-day holiday is a working day here (its hours matter to
capacity, not to counting days).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, select, true

from portfolio.dated import History, history
from portfolio.model.people import Calendar, CalendarHours, Holiday

PORTFOLIO_CALENDAR = "portfolio"
USUAL_HOURS = "8 8 8 8 8 0 0"
"""The hours of a week of a calendar of which nothing was said."""
_DAY = timedelta(days=1)


class _Stretch(NamedTuple):
    """The same week over and over, after a day (its ordinal): which days are worked, and the days worked up to each of
    them since Monday; `less` is to be taken from what would have been worked if every day had been of these weeks."""

    after: int
    mask: str
    worked: tuple[int, ...]
    less: int

    def upto(self, day: int) -> int:
        """Days worked up to the end of a day of this stretch, from day 1 on, which was a Monday."""
        return _worked(self.worked, day) - self.less


def _worked(worked: tuple[int, ...], day: int) -> int:
    weeks, rest = divmod(day, 7)
    return weeks * worked[7] + worked[rest]


@dataclass(frozen=True)
class WorkCalendar:
    """`mask` has seven digits from Monday, 1 for a working day; from each of the days of `later` on, in order, the mask
    beside it holds instead. `holidays` are whole days off."""

    mask: str = "1111100"
    holidays: frozenset[date] = frozenset()
    later: tuple[tuple[date, str], ...] = ()

    def mask_on(self, day: date) -> str:
        """The working days of the week as they are on a day."""
        return self._stretch(day.toordinal()).mask

    def workdays(self, first: date, last: date) -> int:
        """Working days from `first` to `last`, both included; 0 when `last` is before `first`."""
        return 0 if last < first else self._upto(last.toordinal()) - self._upto(first.toordinal() - 1)

    def days(self, first: int, last: int) -> list[int]:
        """The working days from one to another, both included, all by their ordinals."""
        off = set(self._off)
        return [
            day
            for day in range(max(first, 1), last + 1)
            if self._stretch(day).mask[(day - 1) % 7] == "1" and day not in off
        ]

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

    def _upto(self, day: int) -> int:
        return self._stretch(day).upto(day) - bisect_right(self._off, day)

    def _stretch(self, day: int) -> _Stretch:
        return self._stretches[bisect_right(self._ends, day - 1)]

    @cached_property
    def _stretches(self) -> list[_Stretch]:
        found: list[_Stretch] = []
        for after, mask in ((0, self.mask), *((day.toordinal() - 1, mask) for day, mask in self.later)):
            worked = tuple(accumulate(map(int, mask), initial=0))
            less = _worked(worked, after) - found[-1].upto(after) if found else 0
            found.append(_Stretch(after, mask, worked, less))
        return found

    @cached_property
    def _ends(self) -> list[int]:
        """The last days of all stretches but the last."""
        return [it.after for it in self._stretches[1:]]

    @cached_property
    def _off(self) -> list[int]:
        """The holidays that would be working days, in order."""
        return sorted(it.toordinal() for it in self.holidays if self.mask_on(it)[it.weekday()] == "1")


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


def hours_by_calendar(connection: Connection, only: ColumnElement[bool] | None = None) -> dict[int, History[str]]:
    """The hours of a week of each calendar, or of those for which a condition holds, by number: seven numbers from
    Monday, and from which day on."""
    it = CalendarHours
    query = select(Calendar.id, it.valid_from, it.hours).outerjoin(it, it.calendar_id == Calendar.id)
    told: dict[int, list[tuple[date, str]]] = defaultdict(list)
    for ident, since, hours in connection.execute(query.where(true() if only is None else only)):
        told[ident] += [] if since is None else [(since, hours)]
    return {ident: history(entries, USUAL_HOURS) for ident, entries in told.items()}


def load_calendar(connection: Connection) -> WorkCalendar:
    """The calendar named "portfolio" with its holidays; Monday to Friday without holidays when there is none."""
    for ident, told in hours_by_calendar(connection, Calendar.name == PORTFOLIO_CALENDAR).items():
        first, *later = history(((since, mask_of(hours)) for since, hours in told), mask_of(USUAL_HOURS))
        off = connection.scalars(select(Holiday.day).where(Holiday.calendar_id == ident, Holiday.fraction >= 1))
        return WorkCalendar(first[1], frozenset(off), tuple(later))
    return WorkCalendar()


def mask_of(hours: str) -> str:
    """Which days of the week are worked: seven digits from Monday, 1 for a day with hours."""
    return "".join("1" if float(word) else "0" for word in hours.split())
