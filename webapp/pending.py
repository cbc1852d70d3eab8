"""Between the password and the one-time code: whoever gave the one and not yet the other. They are not signed in.

Kept in the session for a few minutes and bound to the account as it was, so that it ends with the account's sessions.
It opens one page, the one that asks for the code.
"""

from __future__ import annotations

from flask import session

from webapp import here
from webapp.accounts.users import User, find_user

LASTS_S = 300
_PENDING = "pending"


def begin(user: User) -> None:
    """Note, in a new session, that the user gave the right password."""
    session.clear()
    session[_PENDING] = {"user": user.id, "epoch": user.epoch, "at": int(here.now().timestamp())}


def user_id() -> int | None:
    """The account that waits for its code, as the session says it; it may be switched off since."""
    noted = session.get(_PENDING)
    return None if noted is None else int(noted["user"])


def awaited() -> User | None:
    """Whoever's code is waited for; None when nobody's is, or it took too long."""
    noted = session.get(_PENDING)
    if noted is None or int(here.now().timestamp()) - noted["at"] >= LASTS_S:
        return None
    with here.reading() as connection:
        return find_user(connection, noted["user"], noted["epoch"])
