"""With which day a page compares: a week, month or quarter before its own day, or a day its address names."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, timedelta


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month; its last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


PERIODS: Mapping[str, Callable[[date], date]] = {
    "week": lambda day: day - timedelta(days=7),
    "month": lambda day: months_before(day, 1),
    "quarter": lambda day: months_before(day, 3),
}
"""The day a page of a day is compared with, by the word in its address."""


def since(day: date, asked: str) -> date | None:
    """The day to compare with, None where the address names none before the page's own."""
    if asked in PERIODS:
        return PERIODS[asked](day)
    try:
        named = date.fromisoformat(asked)
    except ValueError:
        return None
    return named if named < day else None
