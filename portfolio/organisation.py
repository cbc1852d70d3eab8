"""What the organisation sets for everybody, on the admin's pages: kept in the database, one row for each group.

What the process needs before it has a database (addresses, keys, providers) stands in its configuration instead.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, TypeVar, cast

import msgspec
from msgspec import Meta
from sqlalchemy import Connection, ScalarSelect, Table, select

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.access import Setting
from portfolio.store.upsert import upsert

SecondFactor = Literal["optional", "admins", "everybody"]


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A group of settings. Every one has a default; a value out of bounds is refused when it is read or made."""


class SignInRules(Group, frozen=True, kw_only=True):
    """How people with local accounts sign in, and how long anybody stays signed in.

    `second_factor`: who must give a one-time code besides the password.
    """

    idle_minutes: Annotated[int, Meta(ge=5, le=1440)] = 120
    absolute_hours: Annotated[int, Meta(ge=1, le=168)] = 12
    least_password: Annotated[int, Meta(ge=10, le=64)] = 12
    second_factor: SecondFactor = "optional"


class Separation(Group, frozen=True, kw_only=True):
    """Whether the organisation is so small that one person may hold roles that should be apart."""

    small: bool = True


class PersonFigures(Group, frozen=True, kw_only=True):
    """Whether figures of persons' performance are computed and shown, and on what ground. Off until all is said."""

    on: bool = False
    purpose: str = ""
    legal_basis: str = ""
    approver: str = ""
    approved_on: date | None = None


def unsaid(figures: PersonFigures, today: date) -> str | None:
    """The first of the things that must be said before figures of persons are on and is not; None when all are."""
    for name in ("purpose", "legal_basis", "approver"):
        if not getattr(figures, name).strip():
            return name
    return None if figures.approved_on is not None and figures.approved_on <= today else "approved_on"


class Retention(Group, frozen=True, kw_only=True):
    """For how long what names people is kept: who did what (`audit_months`), and the records of runs."""

    audit_months: Annotated[int, Meta(ge=24, le=240)] = 24
    run_months: Annotated[int, Meta(ge=1, le=120)] = 13


CHANGED = "settings.changed"
_NAMES: dict[type[Group], str] = {
    SignInRules: "sign_in",
    Separation: "separation",
    PersonFigures: "person_figures",
    Retention: "retention",
}
Settings = TypeVar("Settings", bound=Group)


def read_settings(connection: Connection, group: type[Settings]) -> Settings:
    """The settings of the group, defaults where nothing was set."""
    return settings_of(group, connection.scalar(select(settings_column(group))))


def settings_column(group: type[Group]) -> ScalarSelect[str]:
    """The settings of the group as they are kept, as a column of another statement: for `settings_of`."""
    return select(Setting.value).where(Setting.name == _NAMES[group]).scalar_subquery()


def settings_of(group: type[Settings], kept: str | None) -> Settings:
    """The settings of the group from what is kept of them, defaults where that is nothing."""
    return group() if kept is None else msgspec.json.decode(kept, type=group)


def subject_of(group: type[Group]) -> Subject:
    """What the audit log calls the group."""
    return Subject(_NAMES[group])


def change_settings(connection: Connection, settings: Group, now: datetime, by: Actor) -> bool:
    """Keep the settings in place of the earlier ones of their group, in the caller's transaction.

    Returns whether anything changed; the audit log has old and new.
    """
    before = read_settings(connection, type(settings))
    if before == settings:
        return False
    row = {
        "name": _NAMES[type(settings)],
        "value": msgspec.json.encode(settings).decode(),
        "changed_at": now,
    }
    upsert(connection, cast(Table, Setting.__table__), [row], ("name",))
    old, new = (msgspec.to_builtins(it) for it in (before, settings))
    append(
        connection,
        now,
        by,
        CHANGED,
        subject_of(type(settings)),
        old={name: old[name] for name in old if old[name] != new[name]},
        new={name: new[name] for name in new if old[name] != new[name]},
    )
    return True
