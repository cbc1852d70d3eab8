"""Passwords of local accounts: hashed (argon2id), checked, changed, and judged for their strength.

Passwords are never stored, logged or shown. Checking an unknown name costs the same time as a wrong password.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine, select, update
from zxcvbn import zxcvbn

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.access import User as UserRow
from portfolio.store.engine import reading, writing
from webapp.accounts.users import LOCAL, AccountError, User, find_user

LONGEST_PASSWORD = 1000
JUDGED = 72
"""Characters that are judged: the judge's time grows with them, and more of them make no password weaker."""
STRONG = 3
"""Of 0 to 4: more than 10^8 guesses for somebody who knows how people choose."""
_HASHER = PasswordHasher()  # argon2id with the library's RFC 9106 parameters
_USER = UserRow.__table__


@cache
def _nobody() -> str:
    return _HASHER.hash("no account has this password")


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False


def fault_of(password: str, name: str, least: int) -> str | None:
    """Why it may not be the password of the account of that name: length or weak; None when it may."""
    if not least <= len(password) <= LONGEST_PASSWORD:
        return "length"
    strength = zxcvbn(password[:JUDGED], user_inputs=[name, "sightline"])
    return None if int(strength["score"]) >= STRONG else "weak"


def require_password(password: str, name: str, least: int) -> None:
    """Raise `AccountError` when it may be no password."""
    fault = fault_of(password, name, least)
    if fault == "length":
        raise AccountError(f"a password needs {least} to {LONGEST_PASSWORD} characters. Choose another of that length")
    if fault == "weak":
        raise AccountError(
            "that password is too easy to guess. Choose a longer one, of words that are not often together"
        )


def check_password(engine: Engine, name: str, password: str) -> User | None:
    """The active user of that name and password; None when either is wrong."""
    with reading(engine) as connection:
        row = connection.execute(
            select(_USER.c.id, _USER.c.password_hash, _USER.c.session_epoch).where(
                _USER.c.name == name.strip(), _USER.c.origin == LOCAL.origin
            )
        ).one_or_none()
        user = find_user(connection, row.id, row.session_epoch) if row else None
    right = _matches((row.password_hash if row else None) or _nobody(), password)
    if row is None or user is None or not right or not row.password_hash:
        return None
    if _HASHER.check_needs_rehash(row.password_hash):
        with writing(engine) as connection:
            connection.execute(update(UserRow).where(_USER.c.id == row.id).values(password_hash=hashed(password)))
    return user


def is_password(engine: Engine, user: User, password: str) -> bool:
    """Whether it is the user's present password."""
    with reading(engine) as connection:
        kept = connection.scalar(select(_USER.c.password_hash).where(_USER.c.id == user.id))
    return _matches(kept or _nobody(), password)


def change_password(engine: Engine, user: User, password: str, now: datetime, by: Actor) -> User:
    """Give the user another password and end every session of theirs; the user as they are from now on."""
    epoch = _USER.c.session_epoch
    with writing(engine) as connection:
        change = update(UserRow).where(_USER.c.id == user.id)
        change = change.values(password_hash=hashed(password), session_epoch=epoch + 1)
        changed = replace(user, epoch=connection.execute(change.returning(epoch)).scalar_one())
        append(connection, now, by, "user.password_changed", Subject("user", user.id))
    return changed
