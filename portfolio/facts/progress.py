"""How much there is and how much of it is done."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func

from portfolio.facts.declare import amount, fact
from portfolio.facts.states import I, V, is_open, is_scope, is_work


@fact
def items() -> ColumnElement[bool]:
    """All items that are not cancelled: parents, leaves and milestones."""
    return V.category != "cancelled"


@fact
def open_items() -> ColumnElement[bool]:
    """All items that are neither done nor cancelled."""
    return is_open()


@fact
def done_items() -> ColumnElement[bool]:
    """All items that are done."""
    return V.category == "done"


@fact
def cancelled_items() -> ColumnElement[bool]:
    """All items that were cancelled. They count in no other fact."""
    return V.category == "cancelled"


@fact
def work() -> ColumnElement[bool]:
    """Work: leaf items that are not cancelled, without milestones."""
    return is_scope()


@fact
def work_open() -> ColumnElement[bool]:
    """Work that is not done."""
    return and_(is_work(), is_open())


@fact
def work_done() -> ColumnElement[bool]:
    """Work that is done."""
    return and_(is_work(), V.category == "done")


@amount
def effort() -> ColumnElement[Any]:
    """Estimated effort of all work, in seconds; work without an estimate adds nothing."""
    return case((is_scope(), func.coalesce(V.estimate_s, 0)), else_=0)


@amount
def effort_done() -> ColumnElement[Any]:
    """Estimated effort of the work that is done, in seconds."""
    return case((and_(is_work(), V.category == "done"), func.coalesce(V.estimate_s, 0)), else_=0)


@fact
def created_in_week(day: date) -> ColumnElement[bool]:
    """Work created in the seven days up to the day."""
    return and_(is_scope(), I.created_on.between(_days_before(day, 6), day))


@fact
def created_in_12_weeks(day: date) -> ColumnElement[bool]:
    """Work created in the 84 days up to the day."""
    return and_(is_scope(), I.created_on.between(_days_before(day, 83), day))


def _days_before(day: date, days: int) -> date:
    return date.fromordinal(day.toordinal() - days)
