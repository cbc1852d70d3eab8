"""For what something is set: everything, projects of a type, a program, or a project. The narrowest counts."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, select

from portfolio.model.structure import Program, Project
from portfolio.overlay.fields import FIELDS


class Level(StrEnum):
    """How wide a scope is, the narrowest first."""

    PROJECT = "project"
    PROGRAM = "program"
    TYPE = "type"
    GLOBAL = "global"


class SettingScope(NamedTuple):
    """A level with the id of the project or program, or the word of the type, as text; empty for everything."""

    level: Level
    key: str = ""

    def __str__(self) -> str:
        return f"{self.level}:{self.key}" if self.key else str(self.level)


EVERYTHING = SettingScope(Level.GLOBAL)
Chain = tuple[SettingScope, ...]
"""The scopes something is in, the narrowest first; what is set in an earlier one counts before the later ones."""


def project_chain(project_id: int, program_id: int | None, type_: str | None) -> Chain:
    """The scopes a project is in."""
    narrower = [SettingScope(Level.PROJECT, str(project_id))]
    if program_id is not None:
        narrower.append(SettingScope(Level.PROGRAM, str(program_id)))
    if type_:
        narrower.append(SettingScope(Level.TYPE, type_))
    return (*narrower, EVERYTHING)


def scope_chain(scope_type: str, scope_id: int) -> Chain:
    """The scopes that what is computed for a program, a portfolio or all is judged by: their own, then everything."""
    return (SettingScope(Level.PROGRAM, str(scope_id)), EVERYTHING) if scope_type == "program" else (EVERYTHING,)


def project_chains(connection: Connection, project_id: int | None = None) -> dict[int, Chain]:
    """The scopes of every project that something feeds, or of one of them."""
    query = select(Project.id, Project.program_id, Project.type).where(Project.fed)
    if project_id is not None:
        query = query.where(Project.id == project_id)
    return {row.id: project_chain(row.id, row.program_id, row.type) for row in connection.execute(query)}


def there_is(connection: Connection, scope: SettingScope) -> bool:
    """Whether there is such a project, program or type."""
    match scope.level:
        case Level.GLOBAL:
            return scope.key == ""
        case Level.TYPE:
            return scope.key in FIELDS["type"].choices
        case Level.PROGRAM | Level.PROJECT:
            model = Program if scope.level is Level.PROGRAM else Project
            known = scope.key.isascii() and scope.key.isdecimal() and len(scope.key) < 18
            # As it is written everywhere: what is set for "01" no page would show.
            known = known and str(int(scope.key)) == scope.key
            return known and connection.scalar(select(model.id).where(model.id == int(scope.key))) is not None
