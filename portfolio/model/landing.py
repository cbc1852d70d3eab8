"""Landing: the connections, what their trackers said, and how it is understood."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.model.base import Base, BigInt, PrimaryKey


class Connection(Base):
    """One account on one tracker. `settings` is JSON of the connector's settings; the secret is not in it.

    `secret_ref` names where the secret is: "store" (the encrypted store) or "env:NAME". `setup` is JSON of how far its
    setting up has come, None once that is done. `mapping_number` is the version of the mapping all its rows were last
    mapped with, None for the defaults alone.
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
    setup: Mapped[str | None]
    mapping_number: Mapped[int | None]


class StoredSecret(Base):
    """An encrypted secret (MultiFernet token). The key is never in the database."""

    __tablename__ = "stored_secret"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    token: Mapped[bytes] = mapped_column(LargeBinary)
    updated_at: Mapped[datetime]


class RawRecord(Base):
    """One record as the tracker sent it, zstd-compressed, with the hash of its bytes.

    `slice` is the one it last came in with other bytes. `retired_at` tells since when it is known to be there no more:
    kept as evidence, and new again if it comes back.
    """

    __tablename__ = "raw_record"
    __table_args__ = (UniqueConstraint("connection_id", "stream", "external_id"),)

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    stream: Mapped[str]
    external_id: Mapped[str]
    hash: Mapped[bytes] = mapped_column(LargeBinary(16))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    landed_at: Mapped[datetime]
    slice: Mapped[str] = mapped_column(default="")
    retired_at: Mapped[datetime | None]


class Cursor(Base):
    """How far one slice of one stream has been read. Committed with the page it speaks of, never before.

    `position` is the connector's opaque text within a pass; `completed_at` tells when the slice was last read to its
    end. `mark` is the connector's text from which the next pass reads what changed, `next_mark` the one that takes its
    place when the pass under way is at its end.
    """

    __tablename__ = "cursor"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    slice: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[str | None]
    mark: Mapped[str | None]
    next_mark: Mapped[str | None]
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


class Absence(Base):
    """A record that is not where it was: first observed, then classified, then applied.

    `verdict` is None until the tracker was asked; else deleted, moved, archived, access_lost or unknown, with `why` in
    words. `applied_at` is when the record was retired. The row goes when the record is back.
    """

    __tablename__ = "absence"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    observed_at: Mapped[datetime]
    run_id: Mapped[int | None] = mapped_column(BigInt)
    verdict: Mapped[str | None]
    why: Mapped[str | None]
    checked_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]


class Hold(Base):
    """A connection whose absences are not applied because they are too many at once: a person decides.

    decision: None (waits for a person), approved (the next run applies them). A rejected hold is deleted with its
    absences; they are observed anew by the next census.
    """

    __tablename__ = "hold"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    run_id: Mapped[int] = mapped_column(BigInt)
    missing: Mapped[int]
    total: Mapped[int]
    made_at: Mapped[datetime]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class SliceCount(Base):
    """How complete a slice's items are: `told` by the tracker, `listed` by its census, `kept` in the portfolio."""

    __tablename__ = "slice_count"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    slice: Mapped[str] = mapped_column(primary_key=True)
    told: Mapped[int | None]
    listed: Mapped[int]
    kept: Mapped[int]
    checked_at: Mapped[datetime]


class SliceClaim(Base):
    """A slice of a run that several workers share: who reads it, and until when unless it renews its claim.

    state: waiting, claimed, done. `outcome` is JSON of what became of it (`sync.run.share`).
    """

    __tablename__ = "slice_claim"

    run_id: Mapped[int] = mapped_column(BigInt, ForeignKey("sync_run.id"), primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    slice: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="waiting")
    owner: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class RateBudget(Base):
    """How fast one connection may ask at present, shared by all processes. Times are epoch seconds.

    Nobody asks before `free_at`; then requests start `gap_s` apart, the next one that nobody took yet at `next_at`, and
    at most `width` are under way in a process (0: as many as there are threads). `limit_told`, `remaining_told` and
    `reset_at` are the tracker's own words, None where it says nothing.
    """

    __tablename__ = "rate_budget"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    free_at: Mapped[float] = mapped_column(default=0.0)
    next_at: Mapped[float] = mapped_column(default=0.0)
    gap_s: Mapped[float] = mapped_column(default=0.0)
    width: Mapped[int] = mapped_column(default=0)
    throttled_at: Mapped[float | None]
    limit_told: Mapped[int | None]
    remaining_told: Mapped[int | None]
    reset_at: Mapped[float | None]


class Schedule(Base):
    """When runs of one mode of a connection are due: a cron expression in a time zone.

    mode: incremental, census, full. `fired_at` is the due time that was last acted upon; what was missed since is one
    run. `again_at` is when a run that came to nothing is tried again, after `attempts` attempts; the connection is left
    alone until then.
    """

    __tablename__ = "schedule"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    mode: Mapped[str] = mapped_column(primary_key=True)
    cron: Mapped[str]
    time_zone: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=True)
    fired_at: Mapped[datetime | None]
    again_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)


class RunRequest(Base):
    """A run that a person asked for and no process has begun yet. mode: incremental, census, full, remap.

    One to map anew (remap) stands until it has been done.
    """

    __tablename__ = "run_request"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    mode: Mapped[str] = mapped_column(primary_key=True)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]


class Webhook(Base):
    """A door for one tracker's notices. `door` is the unguessable part of its address.

    `resource` is the project it speaks of, "" for the whole site; `external_id` the tracker's id of it. `secret` is
    encrypted, None until the tracker has given or taken it; where `signed` is false there is none, because the tracker
    cannot sign, and the door is the only proof. state: pending, active, failing, gone.
    """

    __tablename__ = "webhook"
    __table_args__ = (UniqueConstraint("connection_id", "resource"), UniqueConstraint("door"))

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    resource: Mapped[str]
    door: Mapped[str]
    external_id: Mapped[str | None]
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    signed: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str]
    why: Mapped[str | None]
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    last_delivery_at: Mapped[datetime | None]


class Delivery(Base):
    """One verified notice of a webhook: which things to fetch. Its content is never taken for data.

    `delivery_id` is the tracker's, or the hash of the body where it gives none. state: waiting, done. `named` is JSON
    of what it names.
    """

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("connection_id", "delivery_id"), Index(None, "connection_id", "state"))

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    delivery_id: Mapped[str]
    named: Mapped[str]
    state: Mapped[str]
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


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
    """A version of how one connection's records are understood. `body` is JSON of `sync.mapping.profile.Profile`.

    It is what the tracker itself says and the defaults, completed by the version of the mapping with `mapping_number`.
    """

    __tablename__ = "mapping_profile"
    __table_args__ = (UniqueConstraint("connection_id", "version"),)

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    version: Mapped[int]
    body: Mapped[str]
    created_at: Mapped[datetime]
    mapping_number: Mapped[int | None]


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
