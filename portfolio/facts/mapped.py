"""Items whose status or type says something that nobody mapped."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from portfolio.model.landing import UnmappedValue
from portfolio.model.work import WorkItem


def is_unmapped(item: Any) -> ColumnElement[bool]:
    """That the status or type of an item (`WorkItem`, by any name) is a word that nobody mapped."""
    words = (("status", item.status), ("kind", item.tracker_kind))
    unknown = exists().where(
        UnmappedValue.connection_id == item.connection_id,
        UnmappedValue.items > 0,
        or_(*(and_(UnmappedValue.subject == name, UnmappedValue.value == column) for name, column in words)),
    )
    return unknown.correlate(item)


def unmapped(connection: Connection, project_ids: Collection[int] | None = None) -> dict[int, int]:
    """How many items of a project have such a status or type at present; projects without any are left out."""
    feeding = select(UnmappedValue.connection_id).where(UnmappedValue.subject.in_(("status", "kind")))
    if connection.scalar(feeding.limit(1)) is None:
        return {}
    here = (WorkItem.connection_id.in_(feeding), WorkItem.deleted_at.is_(None), WorkItem.project_id.is_not(None))
    query = select(WorkItem.project_id, func.count()).where(*here, is_unmapped(WorkItem))
    if project_ids is not None:
        query = query.where(WorkItem.project_id.in_(project_ids))
    rows = connection.execute(query.group_by(WorkItem.project_id))
    return {project_id: count for project_id, count in rows if project_id is not None}
