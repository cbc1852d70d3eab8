"""Due dates that were moved, kept or missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, select

from portfolio.facts.declare import FINISHED_WORK, OPEN_ITEMS, fact
from portfolio.facts.durations import WINDOW_DAYS
from portfolio.facts.states import V, is_open, standing
from portfolio.model.work import FieldChange

_LATELY = (V.finished_on, WINDOW_DAYS)


@fact(over=FINISHED_WORK, since=(V.finished_on, 0), until=_LATELY)
def finished_with_due() -> ColumnElement[bool]:
    """Work finished in the 90 days up to the day that had a due date."""
    return V.due.is_not(None)


@fact(over=FINISHED_WORK, since=(V.finished_on, 0), until=_LATELY)
def finished_on_time() -> ColumnElement[bool]:
    """Work finished in the 90 days up to the day, on or before its due date."""
    return V.finished_on <= V.due


@fact(over=FINISHED_WORK, since=(V.finished_on, 0), until=_LATELY)
def finished_late() -> ColumnElement[bool]:
    """Work finished in the 90 days up to the day, after its due date."""
    return V.finished_on > V.due


@fact(over=FINISHED_WORK, since=(V.finished_on, 0), until=_LATELY)
def finished_with_due_recorded() -> ColumnElement[bool]:
    """Work finished in the 90 days up to the day that had a due date and whose past the tracker recorded."""
    return and_(V.due.is_not(None), V.synthetic.is_(False))


@fact(over=OPEN_ITEMS)
def open_with_due_recorded() -> ColumnElement[bool]:
    """Open items that have a due date and whose past the tracker recorded."""
    return and_(V.due.is_not(None), V.synthetic.is_(False))


@fact(over=FINISHED_WORK, since=(V.finished_on, 0), until=_LATELY)
def finished_with_first_due() -> ColumnElement[bool]:
    """Work finished in the 90 days up to the day that ever had a due date, of recorded past."""
    return and_(V.first_due.is_not(None), V.synthetic.is_(False))


@fact(over=FINISHED_WORK, since=(V.finished_on, 0), until=_LATELY)
def finished_by_first_due() -> ColumnElement[bool]:
    """Work finished in the 90 days up to the day, on or before the first due date it ever had, of recorded past."""
    return and_(V.finished_on <= V.first_due, V.synthetic.is_(False))


class Overdue(NamedTuple):
    """`items` open items were due on a day that has passed."""

    due: date
    items: int


def overdues(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None
) -> dict[int, list[Overdue]]:
    """The open items due before `as_of`, by project and by the day they were due."""
    columns = (V.project_id, V.due)
    statement = standing(select(*columns, func.count()), as_of, project_ids).where(is_open(), V.due < as_of)
    result: dict[int, list[Overdue]] = defaultdict(list)
    for project_id, due, items in connection.execute(statement.group_by(*columns)):
        result[project_id].append(Overdue(due, items))
    return result


def postponed(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None, zone: tzinfo | None = UTC
) -> dict[int, int]:
    """How often a due date was moved to a later one in the 90 days up to `as_of`, by project; days are of the zone.

    A first due date is no change, and neither is taking one away. Only of items whose past the tracker recorded.
    """
    begin = datetime.combine(as_of - timedelta(days=WINDOW_DAYS - 1), time.min, zone)
    end = datetime.combine(as_of, time.max, zone)
    # Days as text in the order of the calendar, with or without a time after them.
    later = func.substr(FieldChange.new, 1, 10) > func.substr(FieldChange.old, 1, 10)
    moved = and_(FieldChange.field == "due", FieldChange.at.between(begin, end), FieldChange.old != "", later)
    statement = standing(select(V.project_id, func.count()), as_of, project_ids).join(
        FieldChange, and_(FieldChange.item_id == V.item_id, moved)
    )
    statement = statement.where(V.synthetic.is_(False))
    return {row[0]: row[1] for row in connection.execute(statement.group_by(V.project_id))}
