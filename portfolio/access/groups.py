"""Which groups of a provider, or of a proxy, give which grants to those who sign in there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from portfolio.access.grants import SCOPE_TYPES, written
from portfolio.access.roles import Grant, GrantError, Role, Scope, ScopeType, require_grant
from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.access import GroupGrant

LONGEST_GROUP = 200
_GIVEN = GroupGrant.__table__


@dataclass(frozen=True)
class Mapping:
    """One grant that one group gives."""

    id: int
    group: str
    grant: Grant


def mappings(connection: Connection) -> tuple[Mapping, ...]:
    """Everything groups give, by group. A role or scope this version does not know gives nothing and is left out."""
    columns = [_GIVEN.c[name] for name in ("id", "group", "role", "scope_type", "scope_id", "segment")]
    return tuple(
        Mapping(row_id, group, Grant(Role(role), Scope(ScopeType(scope_type), scope_id, segment)))
        for row_id, group, role, scope_type, scope_id, segment in connection.execute(
            select(*columns).order_by(_GIVEN.c.group, _GIVEN.c.role, _GIVEN.c.id)
        )
        if role in frozenset(Role) and scope_type in SCOPE_TYPES
    )


def grants_of(connection: Connection, groups: Collection[str]) -> frozenset[Grant]:
    """What whoever is in these groups is granted."""
    return frozenset(it.grant for it in mappings(connection) if it.group in groups)


def add_mapping(connection: Connection, group: str, grant: Grant, now: datetime, by: Actor) -> None:
    """Let a group give a grant, from each member's next sign-in on. In the caller's transaction.

    Raises `GrantError` for a grant nobody can hold, a group without a name, and what the group gives already.
    """
    require_grant(grant)
    group = group.strip()
    if not 0 < len(group) <= LONGEST_GROUP or not group.isprintable():
        raise GrantError(f"the name of a group needs 1 to {LONGEST_GROUP} printable characters")
    row = {
        "group": group,
        "role": grant.role.value,
        "scope_type": grant.scope.type.value,
        "scope_id": grant.scope.id,
        "segment": grant.scope.segment,
    }
    try:
        with connection.begin_nested():
            added = connection.execute(insert(GroupGrant).values(**row).returning(_GIVEN.c.id)).scalar_one()
    except IntegrityError as error:
        raise GrantError(f"the group {group!r} gives that already") from error
    append(connection, now, by, "group.added", Subject("group", added), new=_told(group, grant))


def remove_mapping(connection: Connection, mapping_id: int, now: datetime, by: Actor) -> Mapping | None:
    """Let a group no more give a grant, from each member's next sign-in on; what it was, or None when it was gone.

    In the caller's transaction.
    """
    found = next((it for it in mappings(connection) if it.id == mapping_id), None)
    if found is not None and connection.execute(delete(GroupGrant).where(_GIVEN.c.id == mapping_id)).rowcount:
        append(connection, now, by, "group.removed", Subject("group", found.id), old=_told(found.group, found.grant))
    return found


def _told(group: str, grant: Grant) -> dict[str, str]:
    return {"group": group, "grant": written([grant])[0]}
