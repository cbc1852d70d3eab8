"""How work moves: in progress, blocked, finished."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_

from portfolio.calendar import full_weeks
from portfolio.facts.declare import fact
from portfolio.facts.durations import WINDOW_DAYS
from portfolio.facts.states import V, is_finished, is_in_progress, is_open, is_work


@fact
def in_progress(day: date) -> ColumnElement[bool]:
    """Work in progress: started and not finished at the end of the day."""
    return is_in_progress(day)


@fact
def in_progress_unassigned(day: date) -> ColumnElement[bool]:
    """Work in progress that nobody is assigned to."""
    return and_(is_in_progress(day), V.assignee_id.is_(None))


@fact
def blocked() -> ColumnElement[bool]:
    """Open work that is marked as blocked."""
    return and_(is_work(), is_open(), V.flow == "blocked")


@fact
def finished_in_week(day: date) -> ColumnElement[bool]:
    """Work finished in the seven days up to the day, and still done."""
    return and_(is_finished(), V.finished_on.between(day - timedelta(days=6), day))


@fact
def finished_in_90_days(day: date) -> ColumnElement[bool]:
    """Work finished in the 90 days up to the day, and still done."""
    return and_(is_finished(), V.finished_on.between(day - timedelta(days=WINDOW_DAYS - 1), day))


@fact
def finished_in_12_full_weeks(day: date) -> ColumnElement[bool]:
    """Work finished in the last 12 weeks from Monday to Sunday that are over, and still done."""
    first, *_, last = full_weeks(day, 12)
    return and_(is_finished(), V.finished_on.between(first, last + timedelta(days=6)))
