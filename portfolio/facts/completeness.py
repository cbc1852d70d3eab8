"""What is filled in: the fields a plan needs."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from portfolio.facts.declare import OPEN_WORK, WORK, fact
from portfolio.facts.states import V


@fact(over=WORK)
def work_with_estimate() -> ColumnElement[bool]:
    """Work, done or not, that has an estimate above zero."""
    return V.estimate_s > 0


@fact(over=OPEN_WORK)
def work_open_unassigned() -> ColumnElement[bool]:
    """Work that is not done and that nobody is assigned to."""
    return V.assignee_id.is_(None)


@fact(over=WORK)
def work_without_history() -> ColumnElement[bool]:
    """Work whose past was not recorded by the tracker and had to be assumed."""
    return V.synthetic.is_(True)
