"""What the pages of the mapping ask of items."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from portfolio.model.work import WorkItem


def homeless(connection: Connection) -> int:
    """How many items are in no project."""
    query = select(func.count()).select_from(WorkItem)
    return connection.scalar(query.where(WorkItem.project_id.is_(None), WorkItem.deleted_at.is_(None))) or 0
