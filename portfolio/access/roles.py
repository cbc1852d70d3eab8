"""The roles a user can have, and the scopes each can be held in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a user is to the PMO."""

    PMO_LEAD = "pmo_lead"
    PROGRAM_MANAGER = "program_manager"
    PROJECT_MANAGER = "project_manager"
    EXECUTIVE = "executive"
    RESOURCE_MANAGER = "resource_manager"
    AUDITOR = "auditor"
    ADMIN = "admin"


class ScopeType(StrEnum):
    """What a role is held over.

    own: what the trackers name the user for, kept by nobody: the projects they lead (project manager), the projects of
    the programs they lead (program manager), the projects they sponsor (executive).
    """

    ALL = "all"
    OWN = "own"
    PORTFOLIO = "portfolio"
    PROGRAM = "program"
    PROJECT = "project"
    SEGMENT = "segment"


_PLACES = frozenset({ScopeType.PORTFOLIO, ScopeType.PROGRAM, ScopeType.PROJECT, ScopeType.SEGMENT})

SCOPES: Mapping[Role, frozenset[ScopeType]] = {
    Role.PMO_LEAD: _PLACES | {ScopeType.ALL},
    Role.PROGRAM_MANAGER: _PLACES | {ScopeType.OWN},
    Role.PROJECT_MANAGER: _PLACES | {ScopeType.OWN},
    Role.EXECUTIVE: _PLACES | {ScopeType.ALL, ScopeType.OWN},
    Role.RESOURCE_MANAGER: _PLACES | {ScopeType.ALL},
    Role.AUDITOR: _PLACES | {ScopeType.ALL},
    Role.ADMIN: frozenset({ScopeType.ALL}),
}
"""Managers are never given everything: their view is that of what they lead."""


@dataclass(frozen=True, order=True)
class Scope:
    """What a role is held over: `id` for a portfolio, program or project, `segment` for a segment."""

    type: ScopeType
    id: int = 0
    segment: str = ""


EVERYTHING = Scope(ScopeType.ALL)
OWN = Scope(ScopeType.OWN)


@dataclass(frozen=True, order=True)
class Grant:
    """One role over one scope."""

    role: Role
    scope: Scope


class GrantError(ValueError):
    """The grant cannot be given; the message says why and is safe to show."""


def usual_scope(role: Role) -> Scope:
    """The scope a role is given where none is named."""
    return EVERYTHING if ScopeType.ALL in SCOPES[role] else OWN


def require_grant(grant: Grant) -> None:
    """Raise `GrantError` for a role that cannot be held over the scope, and for a scope that names nothing."""
    role, scope = grant.role, grant.scope
    if scope.type not in SCOPES[role]:
        raise GrantError(f"the role {role} cannot be held over {scope.type}: choose {', '.join(sorted(SCOPES[role]))}")
    if scope.type in {ScopeType.PORTFOLIO, ScopeType.PROGRAM, ScopeType.PROJECT} and not scope.id:
        raise GrantError(f"say which {scope.type} the role is held over")
    if scope.type is ScopeType.SEGMENT and not scope.segment:
        raise GrantError("say which segment the role is held over")


def apart(roles: frozenset[Role]) -> frozenset[Role]:
    """The roles among these that no one should hold beside another, unless the organisation is small.

    An auditor judges what the others do, and an admin opens what the others may see: either alone.
    """
    alone = roles & {Role.AUDITOR, Role.ADMIN}
    return frozenset(alone) if len(roles) > 1 else frozenset()
