"""Which of the work in progress somebody touched lately."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sqlalchemy import Connection, func, select

from portfolio.calendar import WorkCalendar
from portfolio.facts.states import I, V, at, is_in_progress

FRESH_WORKDAYS = 5
# More days off than this in a row are no calendar.
_LONGEST = 60
_PLAIN = WorkCalendar()


def updated(
    connection: Connection,
    as_of: date,
    project_ids: Collection[int] | None = None,
    zone: tzinfo | None = UTC,
    calendar: WorkCalendar = _PLAIN,
) -> dict[int, int]:
    """How many of the items in progress were updated within five working days up to `as_of`, by project.

    When an item was last updated keeps no history: it is the present time.
    """
    first = as_of
    while calendar.workdays(first, as_of) < FRESH_WORKDAYS and (as_of - first).days < _LONGEST:
        first -= timedelta(days=1)
    begin = datetime.combine(first, time.min, zone)
    statement = at(select(V.project_id, func.count()), as_of, project_ids).where(
        is_in_progress(as_of), I.updated_at >= begin
    )
    return {row[0]: row[1] for row in connection.execute(statement.group_by(V.project_id))}
