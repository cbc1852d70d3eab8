"""Days, weeks or months, one beside the other: the columns load is shown in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
SATURDAY = 5


class Columns(StrEnum):
    """What a column is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


MOST: Mapping[Columns, int] = {Columns.DAY: 31, Columns.WEEK: 26, Columns.MONTH: 12}
"""How many columns there may be."""


@dataclass(frozen=True)
class Periods:
    """The days, weeks or months that are asked about: the first from the day itself on, the others whole. `days` are
    their first days, `last` is the last day of all. What is left of a weekend goes with the week after it.
    """

    columns: Columns
    days: tuple[date, ...]
    last: date

    @property
    def weeks(self) -> tuple[int, ...]:
        """The numbers in the year of the weeks they begin in, as ISO counts them."""
        return tuple(monday(day).isocalendar().week for day in self.days)

    @property
    def starts(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """Their places among the days of a load."""
        return np.array([(day - self.days[0]).days for day in self.days], np.intp)


def periods_from(day: date, columns: Columns, number: int) -> Periods:
    """So many periods, that of the day first."""
    begins = [day, *(_begin(day, columns, place) for place in range(1, number + 1))]
    return Periods(columns, tuple(begins[:-1]), begins[-1] - DAY)


def weeks_from(day: date, number: int) -> Periods:
    """So many weeks, that of the day first."""
    return periods_from(day, Columns.WEEK, number)


def monday(day: date) -> date:
    """The Monday of the week the day is counted in here."""
    return day + timedelta(days=7 - day.weekday() if day.weekday() >= SATURDAY else -day.weekday())


def _begin(day: date, columns: Columns, place: int) -> date:
    """The first day of the period so many after that of the day."""
    if columns is Columns.DAY:
        return day + place * DAY
    if columns is Columns.WEEK:
        return monday(day) + place * WEEK
    months = day.year * 12 + day.month - 1 + place
    return date(months // 12, months % 12 + 1, 1)
