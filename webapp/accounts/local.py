"""Local accounts: those with a password of ours."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Engine

from portfolio.access.roles import Grant
from portfolio.audit.entry import Actor
from portfolio.organisation import SignInRules, read_settings
from portfolio.store.engine import reading, writing
from webapp.accounts.passwords import hashed, require_password
from webapp.accounts.users import add_account


def add_user(
    engine: Engine,
    name: str,
    password: str,
    grants: Collection[Grant],
    now: datetime,
    by: Actor,
    *,
    person_id: int | None = None,
) -> int:
    """Make a local account and return its id.

    Raises `AccountError` when the name or the password will not do, and `GrantError` for a grant that cannot be given.
    """
    with reading(engine) as connection:
        rules = read_settings(connection, SignInRules)
    require_password(password, name, rules.least_password)
    # Hashing takes its time on purpose; nobody waits for it with the database locked.
    password_hash = hashed(password)
    with writing(engine) as connection:
        return add_account(connection, name, grants, now, by, password_hash=password_hash, person_id=person_id)
