"""The stretch of time that is shown, what its head says, and which stretches are beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Zoom(StrEnum):
    """How much is shown at once, as it stands in the address."""

    QUARTER = "quarter"
    YEAR = "year"
    TWO_YEARS = "two-years"
    ALL = "all"


MONTHS: Mapping[Zoom, int] = {Zoom.QUARTER: 3, Zoom.YEAR: 12, Zoom.TWO_YEARS: 24}
BEFORE: Mapping[Zoom, int] = {Zoom.QUARTER: 0, Zoom.YEAR: 3, Zoom.TWO_YEARS: 6}
"""So many months before the quarter of today a stretch begins that nobody moved."""
FARTHEST = 20
"""So many years from today a stretch reaches at most: one wrong date shall not press all others together."""
MOST_TICKS = 14


def months_on(day: date, months: int) -> date:
    """The first of the month that is so many months after that of the day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


@dataclass(frozen=True)
class Tick:
    """A line in the plot at the start of a day, and which part of time begins there: week, month, quarter or year."""

    x: float
    day: date
    part: str


@dataclass(frozen=True)
class Window:
    """The days from `first` up to, not including, `after`: at least one."""

    first: date
    after: date

    @property
    def days(self) -> int:
        return (self.after - self.first).days

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day < self.after

    def start_of(self, day: date) -> float:
        """Where the day begins, in percent; what lies outside stands at the edge."""
        return min(max((day - self.first).days * 100 / self.days, 0.0), 100.0)

    def middle_of(self, day: date) -> float:
        """The middle of the day, in percent; what lies outside stands at the edge."""
        return min(max(((day - self.first).days + 0.5) * 100 / self.days, 0.0), 100.0)

    def end_of(self, day: date) -> float:
        """Where the day ends, in percent; what lies outside stands at the edge."""
        return min(max(((day - self.first).days + 1) * 100 / self.days, 0.0), 100.0)

    def ticks(self) -> tuple[Tick, ...]:
        """Lines for the head: few enough that what they say has room."""
        part, days = next((part, days) for part, days in self._parts() if len(days) <= MOST_TICKS or part == "year")
        return tuple(Tick(self.start_of(day), day, part) for day in days)

    def _parts(self) -> Iterator[tuple[str, list[date]]]:
        monday = self.first + timedelta(days=-self.first.weekday() % 7)
        yield "week", [monday + timedelta(weeks=week) for week in range(-(-(self.after - monday).days // 7))]
        month = self.first if self.first.day == 1 else months_on(self.first, 1)
        starts = [months_on(month, number) for number in range(self.days // 28 + 1)]
        months = [day for day in starts if day < self.after]
        yield "month", months
        yield "quarter", [day for day in months if day.month % 3 == 1]
        years = [day for day in months if day.month == 1]
        yield "year", years if len(years) <= MOST_TICKS else years[:: -(-len(years) // MOST_TICKS)]


def window(zoom: Zoom, today: date, start: date | None = None, span: tuple[date, date] | None = None) -> Window:
    """The stretch that is asked for: from the month of `start`, else one with today in it.

    `Zoom.ALL` shows the months of the `span`, the first and last day there is, as far as they are near enough.
    """
    nearest, farthest = months_on(today, -12 * FARTHEST), months_on(today, 12 * FARTHEST)
    if zoom is Zoom.ALL:
        first, last = span or (today, today)
        begin = months_on(min(max(min(first, today), nearest), today), 0)
        return Window(begin, months_on(max(min(last, farthest), today), 1))
    quarter = months_on(today, -((today.month - 1) % 3))
    begin = months_on(quarter, -BEFORE[zoom])
    if start is not None and nearest <= start <= farthest:
        begin = months_on(start, 0)
    return Window(begin, months_on(begin, MONTHS[zoom]))


def beside(zoom: Zoom, shown: Window) -> tuple[date, date] | None:
    """Where the stretches before and after the one that is shown begin; None where all is shown."""
    months = MONTHS.get(zoom)
    return None if months is None else (months_on(shown.first, -months), months_on(shown.first, months))
