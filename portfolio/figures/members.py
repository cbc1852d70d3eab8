"""Which projects belong to which program, portfolio and all, as it is at present.

A program's projects belong to its portfolio too, unless they name another. Only projects that something feeds count.
Whether a project is over is asked by the caller.
"""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, func, select

from portfolio.figures.keep import Scope
from portfolio.model.structure import Portfolio, Program, Project

ALL: Scope = ("all", 0)


def projects_by_scope(connection: Connection) -> dict[Scope, set[int]]:
    """The ids of the projects of each scope, empty ones included."""
    scopes: dict[Scope, set[int]] = defaultdict(set)
    scopes[ALL] = set()
    for kind, model in (("program", Program), ("portfolio", Portfolio)):
        scopes |= {(kind, ident): set() for ident in connection.scalars(select(model.id))}
    home = func.coalesce(Project.portfolio_id, Program.portfolio_id)
    query = select(Project.id, Project.program_id, home).outerjoin(Program, Program.id == Project.program_id)
    for project_id, program_id, portfolio_id in connection.execute(query.where(Project.fed)):
        scopes[ALL].add(project_id)
        if program_id is not None:
            scopes["program", program_id].add(project_id)
        if portfolio_id is not None:
            scopes["portfolio", portfolio_id].add(project_id)
    return scopes
