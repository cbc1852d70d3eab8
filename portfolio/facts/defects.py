"""Defects: bugs that came up, those that were fixed, and how long that took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from portfolio.facts.declare import OPEN_WORK, WORK, fact
from portfolio.facts.durations import WINDOW_DAYS
from portfolio.facts.states import I, V, at, is_finished, is_scope
from portfolio.model.mapping import ItemAttribute

ESCAPED_LABELS = ("production", "uat")
"""Labels that say of a bug that it was found where customers are."""


@fact(over=WORK)
def bugs() -> ColumnElement[bool]:
    """All bugs that are not cancelled, fixed or not."""
    return V.kind == "bug"


@fact(over=OPEN_WORK)
def bugs_open() -> ColumnElement[bool]:
    """Bugs that are not fixed."""
    return V.kind == "bug"


@fact(over=WORK, since=(V.created_on, 0), until=(V.created_on, WINDOW_DAYS))
def bugs_created_in_90_days() -> ColumnElement[bool]:
    """Bugs created in the 90 days up to the day."""
    return V.kind == "bug"


class Fix(NamedTuple):
    """`items` bugs of a severity (None: nobody said) that were open for so many whole hours before they were fixed."""

    severity: str | None
    hours: int
    items: int


def fixes(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, list[Fix]]:
    """The bugs fixed in the 90 days up to `as_of` and still fixed, by project, pooled by severity and hours.

    The severity is the present one: the field that carries it, else the item's priority.
    """
    severity = func.coalesce(ItemAttribute.text, I.priority)
    hours = V.lead_s // 3600
    statement = (
        at(select(V.project_id, severity, hours, func.count()), as_of, project_ids)
        .outerjoin(ItemAttribute, and_(ItemAttribute.item_id == V.item_id, ItemAttribute.name == "severity"))
        .where(is_finished(as_of), V.kind == "bug", V.lead_s.is_not(None))
        .where(V.finished_on.between(as_of - timedelta(days=WINDOW_DAYS - 1), as_of))
        .group_by(V.project_id, severity, hours)
    )
    result: dict[int, list[Fix]] = defaultdict(list)
    for project_id, said, spent, items in connection.execute(statement):
        result[project_id].append(Fix(said, spent, items))
    return result


def escaped(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, int]:
    """How many bugs carry a label that says they were found in production or acceptance, by project. Labels are the
    present ones: no history of them is kept."""
    labels = "," + func.lower(I.labels) + ","
    found = or_(*(labels.like(f"%,{label},%") for label in ESCAPED_LABELS))
    statement = at(select(V.project_id, func.count()), as_of, project_ids).where(
        is_scope(as_of), V.kind == "bug", found
    )
    return {row[0]: row[1] for row in connection.execute(statement.group_by(V.project_id))}
