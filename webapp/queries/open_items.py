"""Open items found by their key or by words of their title, of the projects in sight."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, and_, exists, func, or_, select

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen
from portfolio.access.viewer import Viewer
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.structure import Project
from portfolio.model.work import ItemProject, WorkItem
from webapp.queries.search import contains

MOST_FOUND = 20
MOST_WORDS = 8
_IT, _ALSO = WorkItem.__table__.c, ItemProject.__table__.c


class OpenItem(NamedTuple):
    """An item that is neither done nor cancelled; `connection` is the tracker that knows the key. `project` None: the
    item is at home out of sight."""

    key: str
    title: str
    project: str | None
    connection: str


def find_open(connection: Connection, viewer: Viewer, text: str) -> tuple[OpenItem, ...]:
    """Those that have every word of the text in their key or title; the one with that key first."""
    words = text.split()[:MOST_WORDS]
    if not words:
        return ()
    what = (Capability.ALLOCATIONS, Right.VIEW)
    home = seen(_IT.project_id, viewer, *what)
    also = exists().where(_ALSO.item_id == _IT.id, seen(_ALSO.project_id, viewer, *what))
    query = (
        select(_IT.key, _IT.title, Project.name, ConnectionRow.name)
        .join(ConnectionRow, ConnectionRow.id == _IT.connection_id)
        .outerjoin(Project, and_(Project.id == _IT.project_id, home))
        .where(or_(home, also))
        .where(_IT.deleted_at.is_(None), _IT.category.in_(("todo", "in_progress")))
        .where(*(or_(contains(_IT.key, word), contains(_IT.title, word)) for word in words))
        .order_by(func.lower(_IT.key) != text.strip().lower(), _IT.key, _IT.id)
    )
    return tuple(OpenItem(*row) for row in connection.execute(query.limit(MOST_FOUND)))
