"""What the pages of the mapping ask of items."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from portfolio.model.landing import Connection as Tracker
from portfolio.model.landing import MappingProfile
from portfolio.model.work import WorkItem
from sync.mapping.profile import decode


def homeless(connection: Connection) -> int:
    """How many items are in no project."""
    query = select(func.count()).select_from(WorkItem)
    return connection.scalar(query.where(WorkItem.project_id.is_(None), WorkItem.deleted_at.is_(None))) or 0


def unclear(connection: Connection) -> tuple[tuple[str, str], ...]:
    """What the mapping in force says and a connection cannot follow: (the connection's name, a sentence)."""
    newest = (
        select(MappingProfile.connection_id, func.max(MappingProfile.version).label("version"))
        .group_by(MappingProfile.connection_id)
        .subquery()
    )
    query = (
        select(Tracker.name, MappingProfile.body)
        .join(MappingProfile, MappingProfile.connection_id == Tracker.id)
        .join(
            newest,
            (newest.c.connection_id == MappingProfile.connection_id) & (newest.c.version == MappingProfile.version),
        )
        .order_by(Tracker.name)
    )
    return tuple((name, said) for name, body in connection.execute(query) for said in decode(body).unclear)
