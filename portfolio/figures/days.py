"""Which past days are to be computed. What they say is computed by `portfolio.figures.restate`.

Weekly points, the ends of ISO weeks, reach `WEEKS_BACK` weeks back; from the first day that was observed every day has
its readings.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select

from portfolio.figures.due import Due
from portfolio.figures.timeline import OBSERVED
from portfolio.model.oversight import RollUp

WEEKS_BACK = 78
_DAY = timedelta(days=1)


class DueDay(NamedTuple):
    """A day to compute, and of which projects: None for all of them, because nobody was there on the day."""

    day: date
    project_ids: frozenset[int] | None


def due_days(due: Collection[Due], rolled: Mapping[date, str], today: date) -> list[DueDay]:
    """The days to compute, oldest first. `rolled` are the days that were computed, with their origins. Pure."""
    from_days = sorted((each.from_day, each.project_id) for each in due)
    first = from_days[0][0] if from_days else today
    nobody_there = _missed(rolled, today)
    weekly = _sundays(max(first, today - timedelta(weeks=WEEKS_BACK)), today)
    days = nobody_there | weekly | {day for day in rolled if first <= day < today}
    starts = [day for day, _ in from_days]
    these = {day: frozenset(ident for _, ident in from_days[: bisect_right(starts, day)]) for day in days}
    return [DueDay(day, None if day in nobody_there else these[day]) for day in sorted(days)]


def missed(connection: Connection, today: date) -> set[date]:
    """The days since the first that was observed which have no figures."""
    return _missed(rolled_days(connection), today)


def _missed(rolled: Mapping[date, str], today: date) -> set[date]:
    begun = min((day for day, origin in rolled.items() if origin == OBSERVED), default=today)
    return {day for day in _days(begun, today) if day not in rolled}


def rolled_days(connection: Connection) -> dict[date, str]:
    """The days that were computed, with their origins."""
    return dict(connection.execute(select(RollUp.as_of, RollUp.origin)).all())


def _sundays(first: date, today: date) -> set[date]:
    sunday = first + timedelta(days=6 - first.weekday())
    return {sunday + timedelta(weeks=weeks) for weeks in range(max(0, -(-(today - sunday).days // 7)))}


def _days(first: date, today: date) -> list[date]:
    return [first + _DAY * number for number in range((today - first).days)]
