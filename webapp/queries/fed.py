"""What feeds the portfolio's projects, with how many items count to each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import sees_all, visible_projects
from portfolio.access.viewer import Viewer
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.structure import Portfolio, Program, Project, ProjectRef
from portfolio.model.work import WorkItem

_RIGHTS = (Capability.MAPPINGS, Right.VIEW)


@dataclass(frozen=True)
class Feed:
    """A source of a project; `primary`: its name, dates and lead are the project's."""

    connection: str
    type: str
    key: str
    name: str
    url: str
    primary: bool


@dataclass(frozen=True)
class Fed:
    """A project with what feeds it, and how many items count to it."""

    id: int
    code: str
    name: str
    portfolio: str | None
    program: str | None
    items: int
    feeds: tuple[Feed, ...]


def fed_projects(connection: Connection, viewer: Viewer) -> tuple[Fed, ...]:
    """The projects whose mapping the viewer may see, by name."""
    items = (
        select(WorkItem.project_id, func.count().label("many"))
        .where(WorkItem.deleted_at.is_(None))
        .group_by(WorkItem.project_id)
        .subquery()
    )
    query = (
        select(Project.id, Project.code, Project.name, Portfolio.name, Program.name, func.coalesce(items.c.many, 0))
        .outerjoin(Program, Program.id == Project.program_id)
        .outerjoin(Portfolio, Portfolio.id == func.coalesce(Project.portfolio_id, Program.portfolio_id))
        .outerjoin(items, items.c.project_id == Project.id)
        .where(Project.fed)
        .order_by(Project.name, Project.id)
    )
    if not sees_all(viewer, *_RIGHTS):
        query = query.where(Project.id.in_(visible_projects(viewer, *_RIGHTS)))
    feeds = _feeds(connection)
    return tuple(
        Fed(ident, code, name, portfolio, program, many, tuple(feeds.get(ident, ())))
        for ident, code, name, portfolio, program, many in connection.execute(query)
    )


def _feeds(connection: Connection) -> dict[int, list[Feed]]:
    query = (
        select(ProjectRef.project_id, ConnectionRow.name, ProjectRef.source, ProjectRef.key, ProjectRef.name)
        .add_columns(ProjectRef.url, ProjectRef.is_primary)
        .join(ConnectionRow, ConnectionRow.id == ProjectRef.connection_id)
        .where(ProjectRef.deleted_at.is_(None), ProjectRef.project_id.is_not(None))
        .order_by(ProjectRef.is_primary.desc(), ConnectionRow.name, ProjectRef.name)
    )
    found: dict[int, list[Feed]] = defaultdict(list)
    for project_id, *feed in connection.execute(query):
        found[project_id].append(Feed(*feed))
    return found
