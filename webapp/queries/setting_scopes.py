"""For what settings of KPIs can be set, by the names people know; without what the viewer does not see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from portfolio.access.rows import seen, seen_program
from portfolio.access.viewer import Viewer
from portfolio.governance.scope import EVERYTHING, Chain, Level, SettingScope, project_chains
from portfolio.model.structure import Program, Project
from portfolio.overlay.fields import FIELDS

TYPES = tuple(SettingScope(Level.TYPE, each) for each in FIELDS["type"].choices)


def programs(connection: Connection, viewer: Viewer) -> Mapping[SettingScope, str]:
    """The programs the viewer knows, by name."""
    query = select(Program.id, Program.name).where(seen_program(Program.__table__.c.id, viewer))
    rows = connection.execute(query.order_by(Program.name, Program.id))
    return {SettingScope(Level.PROGRAM, str(row.id)): row.name for row in rows}


def projects(connection: Connection, viewer: Viewer, ids: Iterable[int]) -> Mapping[SettingScope, str]:
    """Those of the projects that the viewer sees, by name."""
    query = select(Project.id, Project.name).where(Project.id.in_(list(ids)), seen(Project.__table__.c.id, viewer))
    rows = connection.execute(query.order_by(Project.name, Project.id))
    return {SettingScope(Level.PROJECT, str(row.id)): row.name for row in rows}


def project_scope(connection: Connection, viewer: Viewer, code: str) -> SettingScope | None:
    """The project of that code, None where the viewer sees none."""
    query = select(Project.id).where(Project.code == code, seen(Project.__table__.c.id, viewer))
    found = connection.scalar(query)
    return None if found is None else SettingScope(Level.PROJECT, str(found))


def names(connection: Connection, viewer: Viewer, scopes: Iterable[SettingScope]) -> Mapping[SettingScope, str]:
    """Every scope that can be chosen and those given, by name: everything and types by none of their own."""
    ids = [int(scope.key) for scope in scopes if scope.level is Level.PROJECT]
    own = dict.fromkeys((EVERYTHING, *TYPES), "")
    return own | dict(programs(connection, viewer)) | (dict(projects(connection, viewer, ids)) if ids else {})


def chain_of(connection: Connection, scope: SettingScope) -> Chain:
    """The scopes that decide in a scope, itself first."""
    if scope.level is Level.PROJECT:
        return project_chains(connection, int(scope.key)).get(int(scope.key), (scope, EVERYTHING))
    return (EVERYTHING,) if scope == EVERYTHING else (scope, EVERYTHING)


def read_scope(text: str) -> SettingScope | None:
    """A scope as it stands in an address: "global", "type:product", "program:4"; None for what is none."""
    level, _, key = text.partition(":")
    if level not in tuple(Level) or (level != Level.GLOBAL) != bool(key):
        return None
    numbered = key.isascii() and key.isdecimal() and len(key) < 18
    if level in (Level.PROGRAM, Level.PROJECT) and not numbered:
        return None
    return SettingScope(Level(level), key)
