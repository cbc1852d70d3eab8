"""What roles can be held over: every portfolio, program, segment and project, with its name."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from portfolio.access.roles import Scope, ScopeType
from portfolio.model.structure import Portfolio, Program, Project

_KINDS = (
    (ScopeType.PORTFOLIO, Portfolio.__table__),
    (ScopeType.PROGRAM, Program.__table__),
    (ScopeType.PROJECT, Project.__table__),
)


@dataclass(frozen=True)
class Place:
    """A scope that names something, and what that is called."""

    scope: Scope
    name: str


def places(connection: Connection) -> tuple[Place, ...]:
    """All of them, by kind and name. For whoever gives roles, whatever they see themselves."""
    found = [
        Place(Scope(kind, row_id), name)
        for kind, table in _KINDS
        for row_id, name in connection.execute(select(table.c.id, table.c.name).order_by(table.c.name, table.c.id))
    ]
    segment = Project.__table__.c.segment
    for (name,) in connection.execute(select(segment).where(segment != "").distinct().order_by(segment)):
        found.append(Place(Scope(ScopeType.SEGMENT, segment=name), name))
    return tuple(found)
