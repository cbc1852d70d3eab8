"""Due dates: who has one, and who is past it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_

from portfolio.facts.declare import fact
from portfolio.facts.states import V, is_open


@fact
def open_with_due() -> ColumnElement[bool]:
    """Open items that have a due date. Parents and milestones count: their dates are promises too."""
    return and_(is_open(), V.due.is_not(None))


@fact
def overdue(day: date) -> ColumnElement[bool]:
    """Open items due before the day. What is due on the day itself is not overdue yet."""
    return and_(is_open(), V.due < day)


@fact
def milestones_open() -> ColumnElement[bool]:
    """Milestone items that are neither reached nor cancelled."""
    return and_(V.kind == "milestone", is_open())


@fact
def milestones_overdue(day: date) -> ColumnElement[bool]:
    """Open milestone items due before the day."""
    return and_(V.kind == "milestone", is_open(), V.due < day)
