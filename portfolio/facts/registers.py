"""Risks and issues that are open."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from portfolio.facts.declare import OPEN_ITEMS, fact
from portfolio.facts.states import V


@fact(over=OPEN_ITEMS)
def open_risks() -> ColumnElement[bool]:
    """Risks whose item is neither done nor cancelled."""
    return V.kind == "risk"


@fact(over=OPEN_ITEMS, since=(V.due, 1))
def open_issues_overdue() -> ColumnElement[bool]:
    """Issues that are neither done nor cancelled and were due before the day."""
    return V.kind == "issue"
