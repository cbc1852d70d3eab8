"""Accounts: made, found again from a session, ended. What they prove themselves with is kept elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from portfolio.access.grants import GRANT_COLUMNS, grants_from, read_grants, set_grants
from portfolio.access.roles import Grant
from portfolio.access.viewer import Viewer
from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.access import RoleGrant
from portfolio.model.access import User as UserRow
from portfolio.organisation import PersonFigures, SignInRules, settings_column, settings_of
from portfolio.store.engine import writing

LONGEST_NAME = 200
_USER = UserRow.__table__


class AccountError(ValueError):
    """The account cannot be made or changed; the message says why and is safe to show."""


@dataclass(frozen=True)
class User:
    """Someone who may sign in, with what they may do. `epoch` grows when all their sessions end.

    `second_factor` tells whether they give a one-time code when they sign in. `rules` are the organisation's, as
    of now.
    """

    id: int
    name: str
    origin: str
    epoch: int
    second_factor: bool
    viewer: Viewer
    rules: SignInRules


@dataclass(frozen=True)
class Known:
    """What another proved of somebody who has no password here: how, and who they are there."""

    origin: str
    subject: str | None


LOCAL = Known("local", None)
SERVICE = Known("service", None)


def add_account(
    connection: Connection,
    name: str,
    grants: Collection[Grant],
    now: datetime,
    by: Actor,
    *,
    known: Known = LOCAL,
    password_hash: str | None = None,
    person_id: int | None = None,
) -> int:
    """Make an account, in the caller's transaction, and return its id.

    Raises `AccountError` when the name will not do or is taken, and `GrantError` for a grant that cannot be given.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise AccountError(f"a user name needs 1 to {LONGEST_NAME} printable characters")
    row = {
        "name": name,
        "origin": known.origin,
        "subject": known.subject,
        "password_hash": password_hash,
        "person_id": person_id,
        "active": True,
        "session_epoch": 0,
        "totp_step": 0,
        "created_at": now,
    }
    try:
        with connection.begin_nested():
            user_id = int(connection.execute(insert(UserRow).values(**row).returning(_USER.c.id)).scalar_one())
    except IntegrityError as error:
        raise AccountError(f"there is already a user {name!r}. Choose another name") from error
    append(
        connection,
        now,
        by,
        "user.added",
        Subject("user", user_id),
        new={"origin": known.origin, "person": person_id},
    )
    set_grants(connection, user_id, grants, now, by)
    return user_id


def _found(connection: Connection, *where: ColumnElement[bool]) -> User | None:
    """One statement, as every request needs it: the user, a row for each grant, and the settings they go by."""
    rows = connection.execute(
        select(
            _USER.c.id,
            _USER.c.name,
            _USER.c.origin,
            _USER.c.session_epoch,
            _USER.c.totp_since.is_not(None).label("second_factor"),
            _USER.c.person_id,
            settings_column(SignInRules).label("rules"),
            settings_column(PersonFigures).label("figures"),
            *GRANT_COLUMNS,
        )
        .outerjoin(RoleGrant, RoleGrant.user_id == _USER.c.id)
        .where(*where)
    ).all()
    if not rows:
        return None
    row, columns = rows[0], len(GRANT_COLUMNS)
    figures_on = settings_of(PersonFigures, row.figures).on
    viewer = Viewer(row.id, row.person_id, grants_from(it[-columns:] for it in rows), figures_on=figures_on)
    rules = settings_of(SignInRules, row.rules)
    return User(row.id, row.name, row.origin, row.session_epoch, bool(row.second_factor), viewer, rules)


def find_user(connection: Connection, user_id: int, epoch: int) -> User | None:
    """The active user whose sessions of this epoch still hold."""
    return _found(connection, _USER.c.id == user_id, _USER.c.session_epoch == epoch, _USER.c.active.is_(True))


def user_named(connection: Connection, name: str) -> User | None:
    """The account of that name, active or not."""
    return _found(connection, _USER.c.name == name.strip())


def user_of(connection: Connection, user_id: int) -> User | None:
    """The account of that id, active or not."""
    return _found(connection, _USER.c.id == user_id)


@dataclass(frozen=True)
class Service:
    """A service account as it is listed."""

    id: int
    name: str
    active: bool
    roles: tuple[str, ...]


def list_services(connection: Connection) -> tuple[Service, ...]:
    """The service accounts, by name."""
    rows = connection.execute(
        select(_USER.c.id, _USER.c.name, _USER.c.active).where(_USER.c.origin == SERVICE.origin).order_by(_USER.c.name)
    )
    return tuple(
        Service(*row, tuple(sorted({grant.role.value for grant in read_grants(connection, row.id)}))) for row in rows
    )


def set_active(connection: Connection, user_id: int, active: bool, now: datetime, by: Actor) -> None:
    """Let the user sign in, or no more: then every session ends. In the caller's transaction."""
    changed = connection.execute(
        update(UserRow)
        .where(_USER.c.id == user_id, _USER.c.active.is_(not active))
        .values(active=active, session_epoch=_USER.c.session_epoch + 1)
        .returning(_USER.c.id)
    ).one_or_none()
    if changed is not None:
        append(
            connection,
            now,
            by,
            "user.switched",
            Subject("user", user_id),
            old={"active": not active},
            new={"active": active},
        )


def link_person(connection: Connection, user_id: int, person_id: int | None, now: datetime, by: Actor) -> None:
    """Say which human of the trackers the user is, or that nobody knows. In the caller's transaction."""
    before = connection.scalar(select(_USER.c.person_id).where(_USER.c.id == user_id))
    if before == person_id:
        return
    connection.execute(update(UserRow).where(_USER.c.id == user_id).values(person_id=person_id))
    append(
        connection,
        now,
        by,
        "user.linked",
        Subject("user", user_id),
        old={"person": before},
        new={"person": person_id},
    )


def end_sessions(engine: Engine, user_id: int, now: datetime, by: Actor) -> None:
    """End every session of the user, on every device: a signed cookie copied elsewhere stops working too."""
    with writing(engine) as connection:
        connection.execute(update(UserRow).where(_USER.c.id == user_id).values(session_epoch=_USER.c.session_epoch + 1))
        append(connection, now, by, "user.sessions_ended", Subject("user", user_id))


def anybody(connection: Connection) -> bool:
    """Whether there is anybody who could sign in."""
    found = select(_USER.c.id).where(_USER.c.active.is_(True), _USER.c.origin != SERVICE.origin)
    return connection.execute(found.limit(1)).first() is not None
