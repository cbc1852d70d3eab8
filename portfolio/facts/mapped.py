"""Items whose status or type says something that nobody mapped."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, exists, func, or_, select

from portfolio.model.landing import UnmappedValue
from portfolio.model.work import WorkItem


def unmapped(connection: Connection, project_ids: Collection[int] | None = None) -> dict[int, int]:
    """How many items of a project have such a status or type at present; projects without any are left out."""
    subjects = (("status", WorkItem.status), ("kind", WorkItem.tracker_kind))
    feeding = select(UnmappedValue.connection_id).where(UnmappedValue.subject.in_([name for name, _ in subjects]))
    if connection.scalar(feeding.limit(1)) is None:
        return {}
    unknown = exists().where(
        UnmappedValue.connection_id == WorkItem.connection_id,
        or_(*(and_(UnmappedValue.subject == name, UnmappedValue.value == column) for name, column in subjects)),
    )
    query = select(WorkItem.project_id, func.count()).where(
        WorkItem.connection_id.in_(feeding), WorkItem.deleted_at.is_(None), WorkItem.project_id.is_not(None), unknown
    )
    if project_ids is not None:
        query = query.where(WorkItem.project_id.in_(project_ids))
    rows = connection.execute(query.group_by(WorkItem.project_id))
    return {project_id: count for project_id, count in rows if project_id is not None}
