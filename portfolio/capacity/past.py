"""What of the past changes with what is entered of capacity: a correction. Figures are noted to be computed anew, which
marks them (`portfolio.figures.restate`); what was published of them stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection, or_, select

from portfolio.calendar import PORTFOLIO_CALENDAR
from portfolio.figures.due import past_changed, past_of_all_changed
from portfolio.model.people import Calendar
from portfolio.model.resources import PersonTerms
from portfolio.model.structure import Project


def first_past(days: Iterable[date], now: datetime) -> date | None:
    """The first of the days that is past; None where none is. `now` carries the portfolio's time zone."""
    return min((day for day in days if day < now.date()), default=None)


def corrected(store: Connection, days: Iterable[date], now: datetime) -> date | None:
    """Note that capacity, or which days are worked, is another on these days than it was said to be: figures of all
    projects are due from the first of them that is past, as those of all persons are computed with theirs. Returns that
    day, as `first_past`."""
    since = first_past(days, now)
    if since is not None:
        past_changed(store, dict.fromkeys(store.scalars(select(Project.id)), since))
    return since


def persons_corrected(store: Connection, days: Iterable[date], now: datetime) -> date | None:
    """Note that single persons can work more or less on these days than was said: as `corrected`, but for figures of
    all persons together alone, as no project has figures of capacity."""
    since = first_past(days, now)
    if since is not None:
        past_of_all_changed(store, since)
    return since


def counts(store: Connection, calendar_id: int) -> bool:
    """Whether any capacity is made of the calendar: it is the organisation's, or somebody works or worked by it."""
    used = select(PersonTerms.person_id).where(PersonTerms.calendar_id == calendar_id).exists()
    found = select(Calendar.id).where(Calendar.id == calendar_id, or_(Calendar.name == PORTFOLIO_CALENDAR, used))
    return store.scalar(found) is not None
