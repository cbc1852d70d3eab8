"""Which rows a viewer sees. The one place where scopes become SQL: pages, exports, the API and reports all ask here.

Conditions only: nothing is read by these functions. What cannot be told (an unlinked user's "own") is seen by nobody.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, literal, or_, select, true

from portfolio.access.matrix import Capability, Right
from portfolio.access.roles import Grant, Role, ScopeType
from portfolio.access.viewer import Viewer
from portfolio.model.structure import Program, Project, ProjectRef

_PROJECT = Project.__table__
_PROGRAM = Program.__table__
HOME = func.coalesce(_PROJECT.c.portfolio_id, _PROGRAM.c.portfolio_id)
"""The portfolio a project counts in: its own, else its program's."""
SEES = (Right.VIEW, Right.LOAD)


def _own(grant: Grant, person_id: int | None) -> ColumnElement[bool]:
    if person_id is None:
        return false()
    column = {
        Role.PROJECT_MANAGER: _PROJECT.c.manager_id,
        Role.PROGRAM_MANAGER: _PROGRAM.c.manager_id,
        Role.EXECUTIVE: _PROJECT.c.sponsor_id,
    }.get(grant.role)
    return false() if column is None else column.in_([person_id])


def within(grant: Grant, person_id: int | None) -> ColumnElement[bool]:
    """Whether a project (joined with its program) is in the scope of the grant of that person."""
    scope = grant.scope
    match scope.type:
        case ScopeType.ALL:
            return true()
        case ScopeType.OWN:
            return _own(grant, person_id)
        case ScopeType.PORTFOLIO:
            return HOME.in_([scope.id])
        case ScopeType.PROGRAM:
            return _PROJECT.c.program_id == scope.id
        case ScopeType.PROJECT:
            return _PROJECT.c.id == scope.id
        case ScopeType.SEGMENT:
            return _PROJECT.c.segment == scope.segment


def _projects(condition: ColumnElement[bool]) -> Select[Any]:
    joined = select(_PROJECT.c.id).outerjoin(_PROGRAM, _PROGRAM.c.id == _PROJECT.c.program_id)
    return joined.where(_PROJECT.c.fed, condition)


def visible_projects(viewer: Viewer, capability: Capability = Capability.KPIS, *rights: Right) -> Select[Any]:
    """The ids of the projects in which the viewer has any of the rights (by default: sees anything)."""
    grants = sorted(viewer.grants_for(capability, *(rights or SEES)))
    return _projects(or_(false(), *(within(grant, viewer.person_id) for grant in grants)))


def sees_all(viewer: Viewer, capability: Capability = Capability.KPIS, *rights: Right) -> bool:
    """Whether every project is in scope, those to come included."""
    return viewer.may_everywhere(capability, *(rights or SEES))


def seen(
    project_id: ColumnElement[Any], viewer: Viewer, capability: Capability = Capability.KPIS, *rights: Right
) -> ColumnElement[bool]:
    """Whether the project of this id is one the viewer sees. One that nothing feeds is seen by nobody."""
    if sees_all(viewer, capability, *rights):
        return project_id.not_in(select(_PROJECT.c.id).where(~_PROJECT.c.fed))
    return project_id.in_(visible_projects(viewer, capability, *rights))


def seen_portfolio(portfolio_id: ColumnElement[Any], viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer sees a project of the portfolio, so may know its name."""
    if sees_all(viewer):
        return true()
    homes = select(HOME).select_from(_PROJECT).outerjoin(_PROGRAM, _PROGRAM.c.id == _PROJECT.c.program_id)
    return portfolio_id.in_(homes.where(HOME.is_not(None), _PROJECT.c.id.in_(visible_projects(viewer))))


def seen_program(program_id: ColumnElement[Any], viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer sees a project of the program, so may know its name."""
    if sees_all(viewer):
        return true()
    of_projects = select(_PROJECT.c.program_id).where(_PROJECT.c.program_id.is_not(None))
    return program_id.in_(of_projects.where(_PROJECT.c.id.in_(visible_projects(viewer))))


def seen_reading(
    scope_type: ColumnElement[Any] | str, scope_id: ColumnElement[Any], viewer: Viewer
) -> ColumnElement[bool]:
    """Whether a reading is made of nothing but projects whose figures the viewer sees.

    The figures of a program or portfolio of which one project is out of sight would tell of that project.
    """
    if sees_all(viewer, Capability.KPIS, Right.VIEW):
        return true()
    judged = visible_projects(viewer, Capability.KPIS, Right.VIEW)
    # Other names than the tables': the statement around it may be about programs or projects itself.
    project, program = _PROJECT.alias(), _PROGRAM.alias()
    home = func.coalesce(project.c.portfolio_id, program.c.portfolio_id)
    hidden = select(project.c.id).outerjoin(program, program.c.id == project.c.program_id)
    hidden = hidden.where(project.c.fed, project.c.id.not_in(judged))
    kind = literal(scope_type) if isinstance(scope_type, str) else scope_type
    return or_(
        and_(kind == "project", scope_id.in_(judged)),
        and_(kind == "program", ~exists(hidden.where(project.c.program_id == scope_id))),
        and_(kind == "portfolio", ~exists(hidden.where(home == scope_id))),
    )


def knows_all(viewer: Viewer) -> bool:
    """Whether every connection is known to the viewer."""
    return sees_all(viewer) or viewer.may_everywhere(Capability.SYNC, Right.VIEW)


def seen_connection(connection_id: ColumnElement[Any], viewer: Viewer) -> ColumnElement[bool]:
    """Whether the connection feeds a project the viewer sees, or they look after connections."""
    if knows_all(viewer):
        return true()
    feeds = select(ProjectRef.connection_id).where(ProjectRef.project_id.in_(visible_projects(viewer)))
    return connection_id.in_(feeds)
