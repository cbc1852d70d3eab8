"""Due dates: who has one, and who is past it."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from portfolio.facts.declare import OPEN_ITEMS, fact
from portfolio.facts.states import V


@fact(over=OPEN_ITEMS)
def open_with_due() -> ColumnElement[bool]:
    """Open items that have a due date. Parents and milestones count: their dates are promises too."""
    return V.due.is_not(None)


@fact(over=OPEN_ITEMS, since=(V.due, 1))
def overdue() -> ColumnElement[bool]:
    """Open items due before the day. What is due on the day itself is not overdue yet."""
    return V.due.is_not(None)


@fact(over=OPEN_ITEMS)
def milestones_open() -> ColumnElement[bool]:
    """Milestone items that are neither reached nor cancelled."""
    return V.kind == "milestone"


@fact(over=OPEN_ITEMS, since=(V.due, 1))
def milestones_overdue() -> ColumnElement[bool]:
    """Open milestone items due before the day."""
    return V.kind == "milestone"
