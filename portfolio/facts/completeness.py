"""What is filled in: the fields a plan needs."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_

from portfolio.facts.declare import fact
from portfolio.facts.states import V, is_open, is_scope, is_work


@fact
def work_with_estimate() -> ColumnElement[bool]:
    """Work, done or not, that has an estimate above zero."""
    return and_(is_scope(), V.estimate_s > 0)


@fact
def work_open_unassigned() -> ColumnElement[bool]:
    """Work that is not done and that nobody is assigned to."""
    return and_(is_work(), is_open(), V.assignee_id.is_(None))


@fact
def work_without_history() -> ColumnElement[bool]:
    """Work whose past was not recorded by the tracker and had to be assumed."""
    return and_(is_scope(), V.synthetic)
