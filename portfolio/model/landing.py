"""Landing: the connections, what their trackers said, and how it is understood."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.model.base import Base, BigInt, PrimaryKey


class Connection(Base):
    """One account on one tracker. `settings` is JSON of the connector's settings; the secret is not in it.

    `secret_ref` names where the secret is: "store" (the encrypted store) or "env:NAME".
    """

    __tablename__ = "connection"

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(unique=True)
    tracker: Mapped[str]
    address: Mapped[str]
    settings: Mapped[str]
    secret_ref: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class StoredSecret(Base):
    """An encrypted secret (MultiFernet token). The key is never in the database."""

    __tablename__ = "stored_secret"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    token: Mapped[bytes] = mapped_column(LargeBinary)
    updated_at: Mapped[datetime]


class RawRecord(Base):
    """One record as the tracker sent it, zstd-compressed, with the hash of its bytes."""

    __tablename__ = "raw_record"
    __table_args__ = (UniqueConstraint("connection_id", "stream", "external_id"),)

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    stream: Mapped[str]
    external_id: Mapped[str]
    hash: Mapped[bytes] = mapped_column(LargeBinary(16))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    landed_at: Mapped[datetime]


class Cursor(Base):
    """How far one slice of one stream has been read. Committed with the page it speaks of, never before.

    `position` is the connector's opaque text within a pass, `watermark` the instant from which the next incremental
    pass must read; `completed_at` tells when the slice was last read to its end.
    """

    __tablename__ = "cursor"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    slice: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[str | None]
    watermark: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    run_id: Mapped[int | None] = mapped_column(BigInt)


class Lease(Base):
    """Which run of a connection may write, and until when unless it renews it. No row: none does.

    `owner` tells people where that run is.
    """

    __tablename__ = "lease"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    owner: Mapped[str]
    run_id: Mapped[int] = mapped_column(BigInt)
    expires_at: Mapped[datetime]


class AwaitedName(Base):
    """A project or sprint that an item names and its connection did not know when the item was mapped.

    `external_id` is the item's, `name` the tracker's id of what it names. subject: project, sprint.
    """

    __tablename__ = "awaited_name"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)


class Quarantine(Base):
    """A record that could not be read or mapped, with the reason a person understands. Gone when it succeeds."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("connection_id", "stream", "external_id"),)

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    stream: Mapped[str]
    external_id: Mapped[str]
    reason: Mapped[str]
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    run_id: Mapped[int | None] = mapped_column(BigInt)


class MappingProfile(Base):
    """A version of how one connection's records are understood. `body` is JSON of `sync.mapping.profile.Profile`."""

    __tablename__ = "mapping_profile"
    __table_args__ = (UniqueConstraint("connection_id", "version"),)

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    version: Mapped[int]
    body: Mapped[str]
    created_at: Mapped[datetime]


class UnmappedValue(Base):
    """A value seen that the profile does not cover: reported, never guessed silently."""

    __tablename__ = "unmapped_value"
    __table_args__ = (Index(None, "connection_id", "subject"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    items: Mapped[int]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
