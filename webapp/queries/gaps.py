"""Items that count in no project, or show in several: how many a connection has, and which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, func, select

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen, sees_all, visible_projects
from portfolio.access.viewer import Viewer
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.structure import Project
from portfolio.model.work import ItemProject, WorkItem
from webapp.queries.search import contains
from webapp.tables import Order

_RIGHTS = (Capability.MAPPINGS, Right.VIEW)


class Gap(StrEnum):
    """NOWHERE: in no project. SEVERAL: shown in more than one; an item counts to one of them."""

    NOWHERE = "nowhere"
    SEVERAL = "several"


@dataclass(frozen=True)
class Coverage:
    """How the items of a connection count. `items` are those in sight, of which so many have a gap."""

    connection_id: int
    connection: str
    items: int
    nowhere: int
    several: int


@dataclass(frozen=True)
class Wish:
    """Which items: with the gap, of one connection or all, with some text in key or title."""

    gap: Gap
    connection: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Item:
    """An item as the tracker has it; the names of the projects in sight that show it, the one it counts to first, and
    how many more there are out of sight."""

    id: int
    key: str
    url: str
    title: str
    kind: str
    status: str
    connection: str
    updated_at: datetime
    projects: tuple[str, ...] = ()
    unseen: int = 0


SORTS: Mapping[str, ColumnElement[object]] = {
    "key": WorkItem.__table__.c.key,
    "title": func.lower(WorkItem.title),
    "kind": WorkItem.__table__.c.tracker_kind,
    "status": WorkItem.__table__.c.status,
    "connection": func.lower(ConnectionRow.name),
    "updated": WorkItem.__table__.c.updated_at,
}


def _has(gap: Gap) -> ColumnElement[bool]:
    if gap is Gap.NOWHERE:
        return WorkItem.project_id.is_(None)
    return WorkItem.id.in_(select(ItemProject.item_id).group_by(ItemProject.item_id).having(func.count() > 1))


def _in_sight(viewer: Viewer) -> list[ColumnElement[bool]]:
    """The items whose mapping the viewer may see. What is in no project is seen by who sees all."""
    parts: list[ColumnElement[bool]] = [WorkItem.deleted_at.is_(None)]
    if not sees_all(viewer, *_RIGHTS):
        own = select(ItemProject.item_id).where(ItemProject.project_id.in_(visible_projects(viewer, *_RIGHTS)))
        parts.append(WorkItem.id.in_(own))
    return parts


def coverage(connection: Connection, viewer: Viewer) -> tuple[Coverage, ...]:
    """By connection."""
    # Joined, not looked up for each item: there are many.
    shown = select(ItemProject.item_id).group_by(ItemProject.item_id).having(func.count() > 1).subquery()
    query = (
        select(
            ConnectionRow.id,
            ConnectionRow.name,
            func.count(),
            func.count().filter(_has(Gap.NOWHERE)),
            func.count(shown.c.item_id),
        )
        .select_from(WorkItem)
        .join(ConnectionRow, ConnectionRow.id == WorkItem.connection_id)
        .outerjoin(shown, shown.c.item_id == WorkItem.id)
        .where(*_in_sight(viewer))
        .group_by(ConnectionRow.id, ConnectionRow.name)
        .order_by(ConnectionRow.name)
    )
    return tuple(Coverage(*row) for row in connection.execute(query))


def _where(viewer: Viewer, wish: Wish) -> list[ColumnElement[bool]]:
    parts = [*_in_sight(viewer), _has(wish.gap)]
    if wish.connection is not None:
        parts.append(WorkItem.connection_id == wish.connection)
    if wish.text:
        parts.append(contains(WorkItem.__table__.c.title, wish.text) | contains(WorkItem.__table__.c.key, wish.text))
    return parts


def count_items(connection: Connection, viewer: Viewer, wish: Wish) -> int:
    """How many there are."""
    return connection.scalar(select(func.count()).select_from(WorkItem).where(*_where(viewer, wish))) or 0


def list_items(
    connection: Connection, viewer: Viewer, wish: Wish, order: Order, *, limit: int, offset: int = 0
) -> tuple[Item, ...]:
    """Some of them, in order, with the projects that show them."""
    column = SORTS[order.column]
    fit = (
        select(WorkItem.id, WorkItem.key, WorkItem.url, WorkItem.title, WorkItem.tracker_kind, WorkItem.status)
        .add_columns(ConnectionRow.name, WorkItem.updated_at)
        .join(ConnectionRow, ConnectionRow.id == WorkItem.connection_id)
        .where(*_where(viewer, wish))
        .order_by((column.desc() if order.down else column.asc()).nulls_last(), WorkItem.id)
        .limit(limit)
        .offset(offset)
    )
    found = [Item(*row) for row in connection.execute(fit)]
    if wish.gap is Gap.NOWHERE:
        return tuple(found)
    page = fit.with_only_columns(WorkItem.id).subquery()
    shown = (
        select(ItemProject.item_id, Project.name, seen(Project.__table__.c.id, viewer, *_RIGHTS))
        .join(Project, Project.id == ItemProject.project_id)
        .where(ItemProject.item_id.in_(select(page.c.id)))
        .order_by(ItemProject.is_primary.desc(), Project.name)
    )
    names: dict[int, list[str | None]] = defaultdict(list)
    for item_id, name, may_see in connection.execute(shown):
        names[item_id].append(name if may_see else None)
    return tuple(
        replace(it, projects=tuple(filter(None, names[it.id])), unseen=names[it.id].count(None)) for it in found
    )
