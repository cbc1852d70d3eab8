"""How much there is and how much of it is done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, func, true

from portfolio.facts.declare import OPEN_ITEMS, OPEN_WORK, WORK, amount, fact
from portfolio.facts.states import V


@fact()
def items() -> ColumnElement[bool]:
    """All items that are not cancelled: parents, leaves and milestones."""
    return V.category != "cancelled"


@fact(over=OPEN_ITEMS)
def open_items() -> ColumnElement[bool]:
    """All items that are neither done nor cancelled."""
    return true()


@fact()
def done_items() -> ColumnElement[bool]:
    """All items that are done."""
    return V.category == "done"


@fact()
def cancelled_items() -> ColumnElement[bool]:
    """All items that were cancelled. They count in no other fact."""
    return V.category == "cancelled"


@fact(over=WORK)
def work() -> ColumnElement[bool]:
    """Work: leaf items that are not cancelled, without milestones."""
    return true()


@fact(over=OPEN_WORK)
def work_open() -> ColumnElement[bool]:
    """Work that is not done."""
    return true()


@fact(over=WORK)
def work_done() -> ColumnElement[bool]:
    """Work that is done."""
    return V.category == "done"


@amount(over=WORK)
def effort() -> ColumnElement[Any]:
    """Estimated effort of all work, in seconds; work without an estimate adds nothing."""
    return func.coalesce(V.estimate_s, 0)


@amount(over=WORK)
def effort_done() -> ColumnElement[Any]:
    """Estimated effort of the work that is done, in seconds."""
    return case((V.category == "done", func.coalesce(V.estimate_s, 0)), else_=0)


@fact(over=OPEN_WORK)
def work_open_with_remaining() -> ColumnElement[bool]:
    """Work that is not done and says what remains of it, or at least what it was estimated at."""
    return func.coalesce(V.remaining_s, V.estimate_s).is_not(None)


@amount(over=OPEN_WORK)
def remaining_effort() -> ColumnElement[Any]:
    """Remaining effort of the work that is not done, in seconds: what is said to remain of an item, else its whole
    estimate."""
    return func.coalesce(V.remaining_s, V.estimate_s, 0)


@fact(over=WORK, since=(V.created_on, 0), until=(V.created_on, 7))
def created_in_week() -> ColumnElement[bool]:
    """Work created in the seven days up to the day."""
    return true()


@fact(over=WORK, since=(V.created_on, 0), until=(V.created_on, 84))
def created_in_12_weeks() -> ColumnElement[bool]:
    """Work created in the 84 days up to the day."""
    return true()
