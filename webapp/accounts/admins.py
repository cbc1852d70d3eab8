"""What is done to an account by somebody else: roles given and taken away, sign-in allowed or no more.

None of it may leave nobody who could give anybody a role.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, select

from portfolio.access.grants import HAND, read_grants, set_grants
from portfolio.access.roles import Grant, Role, apart
from portfolio.audit.entry import Actor
from portfolio.model.access import RoleGrant, User
from webapp.accounts.users import SERVICE, AccountError, set_active

_USER = User.__table__


def _anybody(connection: Connection) -> bool:
    admins = (
        select(RoleGrant.id)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.role == Role.ADMIN.value, User.active.is_(True), User.origin != SERVICE.origin)
    )
    return connection.execute(admins.limit(1)).first() is not None


@contextmanager
def keeping_an_admin(connection: Connection) -> Iterator[None]:
    """Raise `AccountError` where what is done takes the last admin who can sign in, before it is committed."""
    there = _anybody(connection)
    yield
    if there and not _anybody(connection):
        raise AccountError("this is the last admin. Give somebody else the role first")


def give(connection: Connection, user_id: int, grant: Grant, now: datetime, by: Actor) -> bool:
    """Give a role by hand, in the caller's transaction; False when the account has it already.

    Raises `GrantError` for one that cannot be given.
    """
    held = read_grants(connection, user_id, HAND)
    set_grants(connection, user_id, held | {grant}, now, by)
    return grant not in held


def take_away(connection: Connection, user_id: int, grant: Grant, now: datetime, by: Actor) -> bool:
    """Take a role away that was given by hand, in the caller's transaction; False when there is none such.

    Raises `AccountError` for the last admin's.
    """
    held = read_grants(connection, user_id, HAND)
    if grant not in held:
        return False
    with keeping_an_admin(connection):
        set_grants(connection, user_id, held - {grant}, now, by)
    return True


def switch(connection: Connection, user_id: int, active: bool, now: datetime, by: Actor) -> None:
    """Let the account sign in, or no more, in the caller's transaction. Raises `AccountError` for the last admin."""
    with keeping_an_admin(connection):
        set_active(connection, user_id, active, now, by)


def held_together(connection: Connection) -> tuple[tuple[int, str], ...]:
    """The active accounts that hold roles which should be apart, by name."""
    rows = connection.execute(select(_USER.c.id, _USER.c.name).where(_USER.c.active.is_(True)).order_by(_USER.c.name))
    return tuple(
        (user_id, name)
        for user_id, name in rows
        if apart(frozenset(grant.role for grant in read_grants(connection, user_id)))
    )
