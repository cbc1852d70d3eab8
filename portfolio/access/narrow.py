"""A viewer as they are to one project: with the grants that reach it, and no other."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select

from portfolio.access.roles import ScopeType
from portfolio.access.rows import within
from portfolio.access.viewer import Viewer
from portfolio.model.structure import Program, Project


def in_project(connection: Connection, viewer: Viewer, project_id: int) -> Viewer:
    """The viewer with the grants whose scope holds the project, in at most one statement."""
    everywhere = {grant for grant in viewer.grants if grant.scope.type is ScopeType.ALL}
    # "Own" of somebody nobody linked to a person reaches nothing: there is nothing to ask.
    unlinked = {grant for grant in viewer.grants if viewer.person_id is None and grant.scope.type is ScopeType.OWN}
    others = sorted(viewer.grants - everywhere - unlinked)
    if not others:
        return replace(viewer, grants=frozenset(everywhere))
    columns = [within(grant, viewer.person_id).label(f"g{place}") for place, grant in enumerate(others)]
    row = connection.execute(
        select(*columns).select_from(Project).outerjoin(Program).where(Project.id == project_id)
    ).one_or_none()
    reaching = {grant for grant, reaches in zip(others, row or (), strict=False) if reaches}
    return replace(viewer, grants=frozenset(everywhere | reaching))
