"""The grants of users as they are kept, and changing them with what the audit log must know."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from portfolio.access.roles import Grant, GrantError, Role, Scope, ScopeType, apart, require_grant, usual_scope
from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.access import RoleGrant
from portfolio.organisation import Separation, read_settings

_GRANT = RoleGrant.__table__
GRANT_COLUMNS = (_GRANT.c.role, _GRANT.c.scope_type, _GRANT.c.scope_id, _GRANT.c.segment)
ROLES, SCOPE_TYPES = frozenset(Role), frozenset(ScopeType)
HAND = "hand"
GROUP = "group"


def usual(*roles: Role) -> frozenset[Grant]:
    """The roles, each over the scope it is given where none is named."""
    return frozenset(Grant(role, usual_scope(role)) for role in roles)


def read_grants(connection: Connection, user_id: int, origin: str | None = None) -> frozenset[Grant]:
    """The grants of a user, of one origin or all. A role or scope this version does not know grants nothing."""
    statement = select(*GRANT_COLUMNS).where(_GRANT.c.user_id == user_id)
    if origin is not None:
        statement = statement.where(_GRANT.c.origin == origin)
    return grants_from(connection.execute(statement))


def grants_from(rows: Iterable[Sequence[Any]]) -> frozenset[Grant]:
    """The grants in rows of `GRANT_COLUMNS`. What this version does not know, and the row of an outer join, is none."""
    return frozenset(
        Grant(Role(role), Scope(ScopeType(scope_type), scope_id, segment))
        for role, scope_type, scope_id, segment in rows
        if role in ROLES and scope_type in SCOPE_TYPES
    )


def set_grants(
    connection: Connection, user_id: int, grants: Collection[Grant], now: datetime, by: Actor, origin: str = HAND
) -> None:
    """Give the user these grants in place of the earlier ones of the same origin, in the caller's transaction.

    Raises `GrantError` for one that cannot be given, and where one person would hold what should be apart. To take
    grants away is always possible: the rule may be younger than they are.
    """
    for grant in grants:
        require_grant(grant)
    before = read_grants(connection, user_id, origin)
    if before == frozenset(grants):
        return
    if not frozenset(grants) < before:
        others = read_grants(connection, user_id, GROUP if origin == HAND else HAND)
        require_apart(connection, frozenset(grants) | others)
    connection.execute(delete(RoleGrant).where(_GRANT.c.user_id == user_id, _GRANT.c.origin == origin))
    rows = [
        {
            "user_id": user_id,
            "role": grant.role.value,
            "scope_type": grant.scope.type.value,
            "scope_id": grant.scope.id,
            "segment": grant.scope.segment,
            "origin": origin,
        }
        for grant in sorted(set(grants))
    ]
    if rows:
        connection.execute(insert(RoleGrant), rows)
    append(
        connection,
        now,
        by,
        "user.grants_changed",
        Subject("user", user_id),
        old={"grants": written(before)},
        new={"grants": written(grants), "origin": origin},
    )


def require_apart(connection: Connection, grants: Iterable[Grant]) -> None:
    """Raise `GrantError` where the grants hold together what should be apart, and the organisation is not small."""
    together = apart(frozenset(grant.role for grant in grants))
    if together and not read_settings(connection, Separation).small:
        raise GrantError(
            f"{' and '.join(sorted(together))} may not be held beside another role: give it to another person, or "
            "switch the small-organisation mode on"
        )


def written(grants: Iterable[Grant]) -> list[str]:
    """The grants as words for the audit log, such as "pmo_lead all" or "executive portfolio 3"."""
    return [
        " ".join(filter(None, (grant.role, grant.scope.type, str(grant.scope.id or ""), grant.scope.segment)))
        for grant in sorted(grants)
    ]
