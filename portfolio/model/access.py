"""Access: who may sign in, what they may do where, and the record of what was done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.model.base import Base, BigInt, PrimaryKey


class User(Base):
    """Someone who signs in, or a service account, which has tokens only.

    `origin`: local (a password of ours), oidc, proxy, service. `subject` is who the provider or the proxy says it is.
    `person_id` is the human the trackers know, which is what "own" projects are found by. `totp_secret` is sealed;
    `totp_step` is the last time step a code was taken for, so that no code works twice. `totp_since` is None until the
    first code was given.
    """

    __tablename__ = "user"

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(unique=True)
    origin: Mapped[str] = mapped_column(default="local")
    subject: Mapped[str | None] = mapped_column(unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    password_hash: Mapped[str | None]
    totp_secret: Mapped[bytes | None]
    totp_since: Mapped[datetime | None]
    totp_step: Mapped[int] = mapped_column(BigInt, default=0)
    active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]


class RoleGrant(Base):
    """A role of a user, within a scope.

    `scope_type`: all, own, portfolio, program, project (with `scope_id`) or segment (with `segment`). `origin`: hand,
    or group for what the provider's groups gave, which the next sign-in replaces.
    """

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("user_id", "role", "scope_type", "scope_id", "segment", "origin"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[str]
    scope_type: Mapped[str]
    scope_id: Mapped[int] = mapped_column(BigInt, default=0)
    segment: Mapped[str] = mapped_column(default="")
    origin: Mapped[str] = mapped_column(default="hand")


class GroupGrant(Base):
    """What whoever is in a group of the provider is granted when they sign in."""

    __tablename__ = "group_grant"
    __table_args__ = (UniqueConstraint("group", "role", "scope_type", "scope_id", "segment"),)

    id: Mapped[PrimaryKey]
    group: Mapped[str]
    role: Mapped[str]
    scope_type: Mapped[str]
    scope_id: Mapped[int] = mapped_column(BigInt, default=0)
    segment: Mapped[str] = mapped_column(default="")


class ApiToken(Base):
    """A token of a user for the API: only its hash is kept. `permits` are words such as "kpis.view", space-separated.

    A token can do what it permits and its user may, whichever is less.
    """

    __tablename__ = "api_token"

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    permits: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Setting(Base):
    """What the organisation set for all: one row for each group of settings, its value as JSON."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    changed_at: Mapped[datetime]


class AuditEntry(Base):
    """One thing that was done. Append-only: each row's hash covers the row and the hash before it, and triggers of the
    database refuse to change a row, or to remove one above the newest anchor.

    `id` counts without gaps. `actor`: user, token, command, system; `user_id` is None for the last two and where nobody
    is known. `old` and `new` are JSON. Accounts and persons stand here by their id, never by name.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "at"),
        Index(None, "user_id", "at"),
        Index(None, "subject_type", "subject_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(BigInt)
    token_id: Mapped[int | None] = mapped_column(BigInt)
    network: Mapped[str | None]
    action: Mapped[str]
    subject_type: Mapped[str | None]
    subject_id: Mapped[int | None] = mapped_column(BigInt)
    old: Mapped[str | None]
    new: Mapped[str | None]
    hash: Mapped[str]


class AuditAnchor(Base):
    """Where the log begins since its oldest entries were removed: entry `entry_id`, the last one gone, had `hash`."""

    __tablename__ = "audit_anchor"

    entry_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    hash: Mapped[str]
    removed_at: Mapped[datetime]
