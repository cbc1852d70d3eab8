"""Project rules, and the rows that come of them, for tests."""

from __future__ import annotations

from sqlalchemy import Engine, select

from portfolio.model.structure import Project
from portfolio.model.work import ItemProject, WorkItem
from portfolio.store.engine import reading
from sync.mapping.document import ProjectRule, Source


def source(type: str, name: str, project: str = "", connection: str = "one") -> Source:
    """A source of the connection "one"."""
    return Source(connection=connection, type=type, name=name, project=project)  # type: ignore[arg-type]


def rule(code: str, *sources: Source, **given: str) -> ProjectRule:
    """A project rule."""
    return ProjectRule(code=code, sources=sources, **given)


def counted(engine: Engine) -> dict[str, tuple[str | None, ...]]:
    """Each live item's projects by code, the one it counts to first; None first for one that counts to none."""
    with reading(engine) as store:
        shown = (
            select(WorkItem.external_id, Project.code)
            .outerjoin(ItemProject, ItemProject.item_id == WorkItem.id)
            .outerjoin(Project, Project.id == ItemProject.project_id)
            .where(WorkItem.deleted_at.is_(None))
        )
        primary = (
            select(WorkItem.external_id, Project.code)
            .outerjoin(Project, Project.id == WorkItem.project_id)
            .where(WorkItem.deleted_at.is_(None))
        )
        first = dict(store.execute(primary).all())
        others: dict[str, set[str]] = {ident: set() for ident in first}
        for ident, code in store.execute(shown):
            if code is not None and code != first[ident]:
                others[ident].add(code)
    return {ident: (code, *sorted(others[ident])) for ident, code in first.items()}


def fed(engine: Engine) -> dict[str, bool]:
    """Which projects something feeds, by code."""
    with reading(engine) as store:
        return dict(store.execute(select(Project.code, Project.fed)).all())
