"""Oversight: what the product did, and what it computed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.model.base import Base, BigInt, PrimaryKey

NOT_OF_ALL = ("named", "remap")
"""Modes of runs that do not say whether all of their connection is current: for some items, and of what is landed."""


class SyncRun(Base):
    """One run of one connection. mode: full, incremental, census, named, remap. state: running, done, partial, failed,
    interrupted, cancelled.

    partial: done, but something the account should see was out of reach; the notes of the streams tell what.
    `error` is one clear line with the remedy, safe to show. cause: hand, schedule, webhook. `cancel_by` names who asked
    the run to stop.
    """

    __tablename__ = "sync_run"
    __table_args__ = (Index(None, "connection_id", "started_at"), Index(None, "finished_at"))

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    mode: Mapped[str]
    state: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]
    cause: Mapped[str] = mapped_column(default="hand")
    cancel_by: Mapped[str | None]


class SyncRunStream(Base):
    """Counts of one stream in one run: fetched = unchanged + created + updated + quarantined.

    `retired` are records found to be there no more. `slices` of the stream are to be read, `slices_done` of them are.
    """

    __tablename__ = "sync_run_stream"

    run_id: Mapped[int] = mapped_column(BigInt, ForeignKey("sync_run.id"), primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    fetched: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    retired: Mapped[int] = mapped_column(default=0)
    slices: Mapped[int] = mapped_column(default=0)
    slices_done: Mapped[int] = mapped_column(default=0)
    note: Mapped[str | None]


class RollUp(Base):
    """A day for whose end the readings of all projects and scopes were computed, and when that was last done.

    origin: observed (first computed on the day itself), reconstructed (later, from the history).
    """

    __tablename__ = "roll_up"

    as_of: Mapped[date] = mapped_column(primary_key=True)
    computed_at: Mapped[datetime]
    origin: Mapped[str] = mapped_column(default="observed")


class KpiValue(Base):
    """One reading of one KPI for one scope, as of each day from `as_of` up to, not including, `until`.

    Written only when it changes: the current one ends on `FAR`. scope_type: project, program, portfolio, all (scope_id
    0). No data gives a reason and grey, never 0, never green. `currency` is that of a money value; `confidence` A to D.
    `mapping_number` is the version of the mapping that what it rests on was mapped with, None for the defaults alone;
    `settings_number` the version of the governance settings it was judged by, likewise.
    origin: observed (computed on its day), reconstructed (computed later, from the history), restated (computed later
    in place of another one). One that was restated stays, with the time in `superseded_at`; it counts no more.
    """

    __tablename__ = "kpi_value"
    __table_args__ = (
        Index(
            "uq_kpi_value_counting",
            "scope_type",
            "scope_id",
            "kpi",
            "as_of",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index(None, "kpi", "until", "scope_type", "scope_id"),
        Index(None, "scope_type", "scope_id", "as_of"),
    )

    id: Mapped[PrimaryKey]
    scope_type: Mapped[str]
    scope_id: Mapped[int] = mapped_column(BigInt)
    kpi: Mapped[str]
    as_of: Mapped[date]
    until: Mapped[date]
    value: Mapped[float | None]
    numerator: Mapped[float | None]
    denominator: Mapped[float | None]
    n: Mapped[int]
    coverage: Mapped[float | None]
    reason: Mapped[str | None]
    rag: Mapped[str]
    currency: Mapped[str | None]
    confidence: Mapped[str | None]
    origin: Mapped[str]
    computed_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    mapping_number: Mapped[int | None]
    settings_number: Mapped[int | None]


class HistoryDue(Base):
    """A project whose past changed from a day on: its readings from that day are to be computed anew.

    `revision` counts how often that was noted: who computed what an earlier one asked for is not done with it.
    """

    __tablename__ = "history_due"

    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"), primary_key=True)
    from_day: Mapped[date]
    revision: Mapped[int] = mapped_column(default=1)


class DutyLease(Base):
    """Which process does a duty that is of no connection, and until when unless it renews it. No row: none does."""

    __tablename__ = "duty_lease"

    duty: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    expires_at: Mapped[datetime]
