"""What must not happen to accounts: that nobody is left who could give anybody a role."""

from __future__ import annotations

from sqlalchemy import Connection, select

from portfolio.access.grants import read_grants
from portfolio.access.roles import Role, apart
from portfolio.model.access import RoleGrant, User
from webapp.accounts.users import SERVICE, AccountError

_USER = User.__table__


def keep_an_admin(connection: Connection) -> None:
    """Raise `AccountError` unless somebody who can sign in is an admin. Called after a change, before its commit."""
    admins = (
        select(RoleGrant.id)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.role == Role.ADMIN.value, User.active.is_(True), User.origin != SERVICE.origin)
    )
    if connection.execute(admins.limit(1)).first() is None:
        raise AccountError("this is the last admin. Give somebody else the role first")


def held_together(connection: Connection) -> tuple[tuple[int, str], ...]:
    """The active accounts that hold roles which should be apart, by name."""
    rows = connection.execute(select(_USER.c.id, _USER.c.name).where(_USER.c.active.is_(True)).order_by(_USER.c.name))
    return tuple(
        (user_id, name)
        for user_id, name in rows
        if apart(frozenset(grant.role for grant in read_grants(connection, user_id)))
    )
