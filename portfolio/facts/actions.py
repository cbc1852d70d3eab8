"""Actions that were agreed upon, as in the minutes of a meeting."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_

from portfolio.facts.declare import fact
from portfolio.facts.states import V


@fact(since=(V.due, 1))
def actions_due() -> ColumnElement[bool]:
    """Actions that were due before the day and were not cancelled."""
    return and_(V.kind == "action", V.category != "cancelled")


@fact(since=(V.due, 1))
def actions_closed_by_due() -> ColumnElement[bool]:
    """Actions that were due before the day and done on or before their due date."""
    return and_(V.kind == "action", V.category == "done", V.finished_on <= V.due)
