"""How work moves: in progress, blocked, finished."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, true

from portfolio.calendar import end_of_last_full_week
from portfolio.facts.declare import FINISHED_WORK, OPEN_WORK, WORK, amount, fact
from portfolio.facts.durations import WINDOW_DAYS
from portfolio.facts.states import V, started


@fact(over=OPEN_WORK)
def in_progress() -> ColumnElement[bool]:
    """Work in progress: started and not finished at the end of the day."""
    return started()


@fact(over=OPEN_WORK)
def in_progress_unassigned() -> ColumnElement[bool]:
    """Work in progress that nobody is assigned to."""
    return and_(started(), V.assignee_id.is_(None))


@fact(over=OPEN_WORK)
def blocked() -> ColumnElement[bool]:
    """Open work that is marked as blocked."""
    return V.flow == "blocked"


@fact(over=FINISHED_WORK, since=(V.finished_on, 0), until=(V.finished_on, 7))
def finished_in_week() -> ColumnElement[bool]:
    """Work finished in the seven days up to the day, and still done."""
    return true()


@fact(over=FINISHED_WORK, since=(V.finished_on, 0), until=(V.finished_on, WINDOW_DAYS))
def finished_in_90_days() -> ColumnElement[bool]:
    """Work finished in the 90 days up to the day, and still done."""
    return true()


@fact(over=FINISHED_WORK, since=(V.finished_on, 0), until=(V.finished_on, 84), on=end_of_last_full_week)
def finished_in_12_full_weeks() -> ColumnElement[bool]:
    """Work finished in the last 12 weeks from Monday to Sunday that are over, and still done."""
    return true()


@fact(over=FINISHED_WORK, since=(V.finished_on, 0), until=(V.finished_on, WINDOW_DAYS))
def finished_recorded() -> ColumnElement[bool]:
    """Work finished in the 90 days up to the day whose past the tracker recorded."""
    return V.synthetic.is_(False)


@fact(over=FINISHED_WORK, since=(V.finished_on, 0), until=(V.finished_on, WINDOW_DAYS))
def finished_reopened() -> ColumnElement[bool]:
    """Work finished in the 90 days up to the day that had been done before and was put back, of recorded past."""
    return and_(V.reopened_on.is_not(None), V.synthetic.is_(False))


@fact(over=FINISHED_WORK, since=(V.finished_on, 0), until=(V.finished_on, WINDOW_DAYS))
def finished_timed() -> ColumnElement[bool]:
    """Work finished in the 90 days up to the day of which it is known for how long it was in progress."""
    return V.flow_s > 0


@amount(over=FINISHED_WORK, since=(V.finished_on, 0), until=(V.finished_on, WINDOW_DAYS))
def time_active() -> ColumnElement[Any]:
    """Time from start to finish of work finished in 90 days in which it was active, in seconds."""
    return func.coalesce(V.active_s, 0)


@amount(over=FINISHED_WORK, since=(V.finished_on, 0), until=(V.finished_on, WINDOW_DAYS))
def time_in_flow() -> ColumnElement[Any]:
    """Time from start to finish of work finished in 90 days: active, waiting or blocked, in seconds."""
    return func.coalesce(V.flow_s, 0)


@fact(over=WORK, since=(V.created_on, 0), until=(V.created_on, WINDOW_DAYS))
def created_in_90_days() -> ColumnElement[bool]:
    """Work created in the 90 days up to the day."""
    return true()
