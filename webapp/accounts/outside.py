"""Accounts of people whom a provider or a proxy vouches for: made when they first come, granted what their groups give.

Found again by who they are there, never by a name or an e-mail address, so nobody comes into an account of another
origin. An account keeps its name.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from itertools import chain

from sqlalchemy import Connection, Engine, select

from portfolio.access.grants import GROUP, HAND, read_grants, require_apart, set_grants
from portfolio.access.groups import grants_of
from portfolio.access.roles import GrantError
from portfolio.audit.append import append
from portfolio.audit.entry import Actor, ActorKind, Subject
from portfolio.model.access import User as UserRow
from portfolio.model.people import Person
from portfolio.store.engine import writing
from portfolio.store.locks import Lock, exclusive
from sync.people import email_hash
from webapp.accounts.claims import Claimed
from webapp.accounts.users import AccountError, User, add_account, link_person, user_of

MOST_ALIKE = 99
_USER = UserRow.__table__


class Refusal(StrEnum):
    """Why somebody who proved who they are does not come in.

    off: the account is switched off. no_role: nothing is granted to them, by hand or by a group. apart: their groups
    would give roles that nobody may hold together; until that is mended they hold nothing by a group.
    """

    OFF = "off"
    NO_ROLE = "no_role"
    APART = "apart"


def enter(engine: Engine, claimed: Claimed, now: datetime, network: str | None) -> User | Refusal:
    """The account of whoever is vouched for, made if there is none, its groups' grants as of now; or why not."""
    by = Actor(ActorKind.SYSTEM, network=network)
    with writing(engine) as connection:
        # Two first requests of one person make one account.
        exclusive(connection, Lock.ACCOUNTS)
        found = connection.execute(
            select(_USER.c.id, _USER.c.active).where(
                _USER.c.origin == claimed.known.origin, _USER.c.subject == claimed.known.subject
            )
        ).one_or_none()
        user_id = found.id if found else _make(connection, claimed, now, by)
        refusal = Refusal.OFF if found and not found.active else _bring_up(connection, user_id, claimed, now, by)
        user = user_of(connection, user_id)
        if refusal is None and user is not None and user.viewer.grants:
            return user
        refusal = refusal or Refusal.NO_ROLE
        append(connection, now, by, "sign_in.refused", Subject("user", user_id), new={"why": refusal})
        return refusal


def _make(connection: Connection, claimed: Claimed, now: datetime, by: Actor) -> int:
    first = claimed.names[0]
    for name in chain(claimed.names, (f"{first} ({number})" for number in range(2, MOST_ALIKE + 1))):
        with suppress(AccountError):  # taken
            return add_account(connection, name, (), now, by, known=claimed.known)
    raise AccountError(f"too many accounts are called {first!r}. Rename or remove some")


def _bring_up(connection: Connection, user_id: int, claimed: Claimed, now: datetime, by: Actor) -> Refusal | None:
    """Recognise the person, and replace what groups gave earlier by what they give now."""
    _recognise(connection, user_id, claimed.email, now, by)
    given = grants_of(connection, claimed.groups)
    refusal = None
    try:
        require_apart(connection, given | read_grants(connection, user_id, HAND))
    except GrantError:
        given, refusal = frozenset(), Refusal.APART
    set_grants(connection, user_id, given, now, by, GROUP)
    return refusal


def _recognise(connection: Connection, user_id: int, email: str | None, now: datetime, by: Actor) -> None:
    """Say which human of the trackers they are, if nobody has and exactly one has the address."""
    trace = email_hash(email)
    linked = connection.scalar(select(_USER.c.person_id).where(_USER.c.id == user_id))
    if trace is None or linked is not None:
        return
    persons = connection.scalars(select(Person.id).where(Person.email_hash == trace).limit(2)).all()
    if len(persons) == 1:
        link_person(connection, user_id, persons[0], now, by)
