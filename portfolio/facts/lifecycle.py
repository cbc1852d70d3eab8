"""Whether a project was over on a day. Trackers keep no history of its status: its last day is all they tell."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, case, func

from portfolio.model.structure import Project

OVER = frozenset(("closed", "cancelled"))


def status_on(day: date, *, is_past: bool) -> ColumnElement[str]:
    """The status at the end of the day: the present one, but that a project was active on days before its last one.

    One that is over without a known last day is so from the present day on only: no past day is without it.
    """
    if not is_past:
        return Project.__table__.c.status
    since = Project.actual_finish
    not_yet = and_(Project.status.in_(sorted(OVER)), func.coalesce(since > day, True))
    return case((not_yet, "active"), else_=Project.status)
