"""Overlay fields of projects of which both a tracker and somebody here say something."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from portfolio.model.mapping import ProjectField

_FIELD = cast(Table, ProjectField.__table__)
BOTH: ColumnElement[bool] = or_(
    _FIELD.c.told.is_not(None) & _FIELD.c.entered.is_not(None),
    _FIELD.c.told_person_id.is_not(None) & _FIELD.c.entered_person_id.is_not(None),
)
DIFFERS: ColumnElement[bool] = func.coalesce(
    or_(_FIELD.c.told != _FIELD.c.entered, _FIELD.c.told_person_id != _FIELD.c.entered_person_id), False
)
"""Whether what was entered and what a tracker tells are not the same. Never where one of them is missing."""


class Doubled(NamedTuple):
    """How many fields of a project are filled on both sides, and in how many of these the two differ."""

    both: int = 0
    differing: int = 0


def doubled(connection: Connection, project_ids: Collection[int] | None = None) -> dict[int, Doubled]:
    """The fields filled on both sides, by project, as they are at present; projects without any are left out."""
    query = select(_FIELD.c.project_id, func.count(), func.count().filter(DIFFERS)).where(BOTH)
    if project_ids is not None:
        query = query.where(_FIELD.c.project_id.in_(project_ids))
    return {row[0]: Doubled(row[1], row[2]) for row in connection.execute(query.group_by(_FIELD.c.project_id))}
