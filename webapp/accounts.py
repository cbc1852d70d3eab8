"""Local accounts: made, checked against a password (argon2id), found again from a session.

Passwords are never stored, logged or shown. Checking an unknown name costs the same time as a wrong password.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from portfolio.model.oversight import User as UserRow
from portfolio.store.engine import reading, writing
from webapp.roles import Role

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1000
LONGEST_NAME = 200
_HASHER = PasswordHasher()  # argon2id with the library's RFC 9106 parameters
_USER = UserRow.__table__


class AccountError(ValueError):
    """The account cannot be made; the message says why and is safe to show."""


@dataclass(frozen=True)
class User:
    """Someone who may sign in. `epoch` grows when all their sessions end."""

    id: int
    name: str
    role: str
    epoch: int


@cache
def _nobody() -> str:
    return _HASHER.hash("no account has this password")


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def add_user(engine: Engine, name: str, password: str, role: str, now: datetime) -> int:
    """Make an account and return its id. Raises `AccountError` when a value will not do or the name is taken."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise AccountError(f"a user name needs 1 to {LONGEST_NAME} characters")
    require_password(password)
    if role not in frozenset(Role):
        raise AccountError(f"there is no role {role!r}; the roles are {', '.join(Role)}")
    row = {"name": name, "password_hash": _HASHER.hash(password), "role": str(role), "active": True}
    try:
        with writing(engine) as connection:
            statement = insert(UserRow).values(**row, session_epoch=0, created_at=now).returning(_USER.c.id)
            return int(connection.execute(statement).scalar_one())
    except IntegrityError as error:
        raise AccountError(f"there is already a user {name!r}. Choose another name") from error


def password_fits(password: str) -> bool:
    """Whether it may be a password at all."""
    return SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD


def require_password(password: str) -> None:
    """Raise `AccountError` when it may be no password."""
    if not password_fits(password):
        raise AccountError(
            f"a password needs {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters. Choose another of that length"
        )


def check_password(engine: Engine, name: str, password: str, now: datetime) -> User | None:
    """The active user of that name and password, noting the sign-in; None when either is wrong."""
    with reading(engine) as connection:
        row = connection.execute(select(UserRow.__table__).where(_USER.c.name == name.strip())).one_or_none()
    right = _matches(row.password_hash if row else _nobody(), password[:LONGEST_PASSWORD])
    if row is None or not right or not row.active:
        return None
    changes: dict[str, object] = {"last_sign_in_at": now}
    if _HASHER.check_needs_rehash(row.password_hash):
        changes["password_hash"] = _HASHER.hash(password)
    with writing(engine) as connection:
        connection.execute(update(UserRow).where(_USER.c.id == row.id).values(**changes))
    return User(row.id, row.name, row.role, row.session_epoch)


def find_user(connection: Connection, user_id: int, epoch: int) -> User | None:
    """The active user whose sessions of this epoch still hold."""
    row = connection.execute(
        select(_USER.c.id, _USER.c.name, _USER.c.role, _USER.c.session_epoch).where(
            _USER.c.id == user_id, _USER.c.session_epoch == epoch, _USER.c.active.is_(True)
        )
    ).one_or_none()
    return None if row is None else User(row.id, row.name, row.role, row.session_epoch)


def user_named(connection: Connection, name: str) -> User | None:
    """The account of that name, active or not."""
    found = select(_USER.c.id, _USER.c.name, _USER.c.role, _USER.c.session_epoch).where(_USER.c.name == name.strip())
    row = connection.execute(found).one_or_none()
    return None if row is None else User(row.id, row.name, row.role, row.session_epoch)


def is_password(engine: Engine, user: User, password: str) -> bool:
    """Whether it is the user's present password."""
    with reading(engine) as connection:
        kept = connection.scalar(select(_USER.c.password_hash).where(_USER.c.id == user.id))
    return _matches(kept or _nobody(), password[:LONGEST_PASSWORD])


def change_password(engine: Engine, user: User, password: str) -> User:
    """Give the user another password and end every session of theirs; the user as they are from now on."""
    epoch = _USER.c.session_epoch
    with writing(engine) as connection:
        change = update(UserRow).where(_USER.c.id == user.id)
        change = change.values(password_hash=_HASHER.hash(password), session_epoch=epoch + 1)
        return replace(user, epoch=connection.execute(change.returning(epoch)).scalar_one())


def end_sessions(engine: Engine, user_id: int) -> None:
    """End every session of the user, on every device: a signed cookie copied elsewhere stops working too."""
    with writing(engine) as connection:
        connection.execute(update(UserRow).where(_USER.c.id == user_id).values(session_epoch=_USER.c.session_epoch + 1))


def anybody(connection: Connection) -> bool:
    """Whether there is anybody who could sign in."""
    return connection.execute(select(_USER.c.id).where(_USER.c.active.is_(True)).limit(1)).first() is not None
