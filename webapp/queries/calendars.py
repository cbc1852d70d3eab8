"""Calendars with how much they hold and who works by them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from portfolio.calendar import PORTFOLIO_CALENDAR, hours_by_calendar, mask_of
from portfolio.capacity.holidays import DayOff
from portfolio.dated import History, Span, holding, on
from portfolio.model.people import Calendar, Holiday
from portfolio.model.resources import PersonTerms


class Line(NamedTuple):
    """A calendar of a list: its hours of a week on the day and from when to when they hold, how many days off it has,
    and how many persons work or worked by it."""

    id: int
    name: str
    hours: Span[str]
    holidays: int
    persons: int

    @property
    def of_all(self) -> bool:
        """Whether it is the organisation's."""
        return self.name == PORTFOLIO_CALENDAR


class Off(NamedTuple):
    """A day off, as a page shows it: whether it would be a working day, and whether it is past."""

    day: date
    name: str
    fraction: float
    worked: bool
    past: bool


def list_calendars(connection: Connection, day: date) -> list[Line]:
    """All calendars: the organisation's first, then by name."""
    it = Calendar
    days = select(func.count()).where(Holiday.calendar_id == it.id).correlate(it).scalar_subquery()
    of = PersonTerms.calendar_id == it.id
    persons = select(func.count(PersonTerms.person_id.distinct())).where(of).correlate(it).scalar_subquery()
    query = select(it.id, it.name, days, persons).order_by(it.name != PORTFOLIO_CALENDAR, it.name)
    hours = hours_by_calendar(connection)
    return [
        Line(ident, name, holding(hours[ident], day), *counts) for ident, name, *counts in connection.execute(query)
    ]


def shown(days: Sequence[DayOff], told: History[str], today: date) -> list[Off]:
    """Days off of a calendar with these hours."""
    return [
        Off(it.day, it.name, float(it.fraction), mask_of(on(told, it.day))[it.day.weekday()] == "1", it.day < today)
        for it in days
    ]
