"""Tokens for the API: made, told once, found again by what a program presents, revoked.

A token is `sl_<id>_<secret>`. Only the SHA-256 of the secret is kept: 256 random bits need no slow hash. What a token
can do is what it permits and its user may at the time of each request, whichever is less.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, Engine, insert, or_, select, update

from portfolio.access.viewer import Permit, Viewer, permits_of
from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.access import ApiToken
from portfolio.model.access import User as UserRow
from portfolio.store.engine import reading, writing
from webapp.accounts.users import AccountError, User, user_of

LONGEST_NAME = 100
MOST_DAYS = 365
USUAL_DAYS = 90
SECRET_BYTES = 32
USED_STEP = timedelta(minutes=1)
"""How exactly the last use is known: reading through the API must not write with every request."""
_SHAPE = re.compile(r"sl_(\d{1,18})_([A-Za-z0-9_-]{43})", re.ASCII)
_TOKEN = ApiToken.__table__
_USER = UserRow.__table__


@dataclass(frozen=True)
class Token:
    """A token as it is listed. The token itself is not known here. `state`: good, expired, revoked or idle (its user
    is switched off)."""

    id: int
    user_id: int
    user: str
    origin: str
    name: str
    permits: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    active: bool

    def state(self, now: datetime) -> str:
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at <= now:
            return "expired"
        return "good" if self.active else "idle"


@dataclass(frozen=True)
class Bearer:
    """Whoever presented a good token: the user, limited to what the token permits."""

    user: User
    token_id: int
    name: str
    expires_at: datetime


@dataclass(frozen=True)
class Wish:
    """What token is wanted."""

    name: str
    days: int
    permits: frozenset[Permit]


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _require(wish: Wish, viewer: Viewer) -> str:
    """The name as it is kept. Raises `AccountError` where no such token can be made for the viewer."""
    name = wish.name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise AccountError(f"a token needs a name of 1 to {LONGEST_NAME} printable characters, to be told from others")
    if not 1 <= wish.days <= MOST_DAYS:
        raise AccountError(f"a token lasts 1 to {MOST_DAYS} days. Choose a number of days within that")
    if not wish.permits:
        raise AccountError("a token that permits nothing opens nothing. Choose at least one permit")
    beyond = wish.permits - permits_of(viewer)
    if beyond:
        words = ", ".join(map(str, sorted(beyond)))
        raise AccountError(f"the account has no right to {words}. Leave that out, or give it a role first")
    return name


def make_token(engine: Engine, user_id: int, wish: Wish, now: datetime, by: Actor) -> str:
    """Make a token and return it: the only time anybody is told. Raises `AccountError` where it cannot be made."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with writing(engine) as connection:
        user = user_of(connection, user_id)
        if user is None:
            raise AccountError("there is no such account. Look it up and try again")
        row = {
            "user_id": user_id,
            "name": _require(wish, user.viewer),
            "token_hash": _hash(secret),
            "permits": " ".join(map(str, sorted(wish.permits))),
            "created_at": now,
            "expires_at": now + timedelta(days=wish.days),
        }
        made = insert(ApiToken).values(**row).returning(_TOKEN.c.id)
        token_id = int(connection.execute(made).scalar_one())
        new = {"user": user_id, "permits": row["permits"], "expires": row["expires_at"]}
        append(connection, now, by, "token.made", Subject("token", token_id), new=new)
    return f"sl_{token_id}_{secret}"


def revoke(engine: Engine, token_id: int, now: datetime, by: Actor, *, user_id: int | None = None) -> bool:
    """End a token, of one user or of anybody. False when there is none of that id, or it is revoked already."""
    where = [_TOKEN.c.id == token_id, _TOKEN.c.revoked_at.is_(None)]
    if user_id is not None:
        where.append(_TOKEN.c.user_id == user_id)
    with writing(engine) as connection:
        ended = update(ApiToken).where(*where).values(revoked_at=now).returning(_TOKEN.c.user_id)
        owner = connection.execute(ended).scalar_one_or_none()
        if owner is None:
            return False
        append(connection, now, by, "token.revoked", Subject("token", token_id), old={"user": owner})
    return True


def present(engine: Engine, token: str, now: datetime) -> Bearer | None:
    """Who presents the token; None when it is no token of ours, has ended, or its user is switched off.

    Notes when it was last used, once a minute at most.
    """
    shape = _SHAPE.fullmatch(token)
    if shape is None:
        return None
    with reading(engine) as connection:
        row = connection.execute(
            select(_TOKEN, _USER.c.active)
            .join(_USER, _USER.c.id == _TOKEN.c.user_id)
            .where(_TOKEN.c.id == int(shape[1]))
        ).one_or_none()
        right = hmac.compare_digest(_hash(shape[2]), row.token_hash if row else _hash(""))
        if row is None or not right or row.revoked_at is not None or row.expires_at <= now or not row.active:
            return None
        user = user_of(connection, row.user_id)
    assert user is not None  # a token's user is never removed
    if row.last_used_at is None or now - row.last_used_at >= USED_STEP:
        _note_use(engine, row.id, now)
    limited = replace(user, viewer=replace(user.viewer, limit=read_permits(row.permits)))
    return Bearer(limited, row.id, row.name, row.expires_at)


def _note_use(engine: Engine, token_id: int, now: datetime) -> None:
    older = or_(_TOKEN.c.last_used_at.is_(None), _TOKEN.c.last_used_at <= now - USED_STEP)
    with writing(engine) as connection:
        connection.execute(update(ApiToken).where(_TOKEN.c.id == token_id, older).values(last_used_at=now))


def read_permits(text: str) -> frozenset[Permit]:
    """The permits as they are kept. One that this version does not know permits nothing."""
    found = set()
    for word in text.split():
        try:
            found.add(Permit.read(word))
        except ValueError:
            continue
    return frozenset(found)


def list_tokens(connection: Connection, user_ids: Collection[int] | None = None) -> tuple[Token, ...]:
    """The tokens of some users, or of all: the newest first."""
    where: list[ColumnElement[bool]] = [] if user_ids is None else [_TOKEN.c.user_id.in_(user_ids)]
    rows = connection.execute(
        select(
            _TOKEN.c.id,
            _TOKEN.c.user_id,
            _USER.c.name,
            _USER.c.origin,
            _TOKEN.c.name,
            _TOKEN.c.permits,
            _TOKEN.c.created_at,
            _TOKEN.c.expires_at,
            _TOKEN.c.last_used_at,
            _TOKEN.c.revoked_at,
            _USER.c.active,
        )
        .join(_USER, _USER.c.id == _TOKEN.c.user_id)
        .where(*where)
        .order_by(_TOKEN.c.created_at.desc(), _TOKEN.c.id.desc())
    )
    return tuple(
        Token(id_, user_id, user, origin, name, tuple(permits.split()), *rest)
        for id_, user_id, user, origin, name, permits, *rest in rows
    )
