"""How a connection is doing, as one moment of the database tells it. Read here, judged in `sync.observe.judge`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, and_, func, or_, select
from sqlalchemy import Connection as Store

from connector.protocol import Verdict
from portfolio.model.landing import (
    Absence,
    Connection,
    Cursor,
    Delivery,
    Lease,
    Quarantine,
    RateBudget,
    RunRequest,
    SliceCount,
)
from portfolio.model.landing import Schedule as ScheduleRow
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import reading
from sync import holds
from sync.hooks import deliveries, webhooks
from sync.hooks.webhooks import WebhookRow
from sync.modes import Mode
from sync.profiles import latest
from sync.run.lease import is_dead
from sync.run.runs import ENDED_WELL, RUNNING

LATEST_RUNS = 20
LASTING = timedelta(days=3)
LATELY = timedelta(days=1)


class Run(NamedTuple):
    """One run."""

    state: str
    started_at: datetime
    finished_at: datetime | None
    error: str | None


class Timed(NamedTuple):
    """One schedule, as it was entered."""

    mode: str
    cron: str
    time_zone: str
    enabled: bool


class Budget(NamedTuple):
    """The rate budget: epoch seconds, and the tracker's own words."""

    free_at: float
    gap_s: float
    width: int
    throttled_at: float | None
    limit_told: int | None
    remaining_told: int | None
    reset_at: float | None


class Part(NamedTuple):
    """A slice whose items the tracker counted otherwise than we do."""

    slice: str
    told: int
    kept: int


class Condition(NamedTuple):
    """What is known of one connection. `runs` are the latest, the latest first; `asked_at` is since when somebody has
    been waiting for a run or for what a notice named; `unread` counts slices that were begun and never read whole;
    `unclear` are sentences on what the mapping says and this connection cannot follow."""

    name: str
    enabled: bool
    runs: tuple[Run, ...]
    current_at: datetime | None
    schedules: tuple[Timed, ...]
    asked_at: datetime | None
    abandoned_by: str | None
    hold: holds.Held | None
    lasting_absences: int
    quarantined: int
    quarantined_lately: int
    webhooks: tuple[WebhookRow, ...]
    budget: Budget | None
    unread: int
    uneven: tuple[Part, ...]
    unclear: tuple[str, ...]


def condition(engine: Engine, connection_id: int, now: datetime) -> Condition:
    """How this connection is doing. It exists."""
    with reading(engine) as store:
        name, enabled = store.execute(
            select(Connection.name, Connection.enabled).where(Connection.id == connection_id)
        ).one()
        # How mapping anew ended says nothing of the tracker.
        of_tracker = or_(SyncRun.mode != Mode.REMAP.value, SyncRun.state == RUNNING)
        own = and_(SyncRun.connection_id == connection_id, of_tracker)
        runs = select(SyncRun.state, SyncRun.started_at, SyncRun.finished_at, SyncRun.error).where(own)
        version = latest(store, connection_id)
        waiting = and_(Quarantine.connection_id == connection_id, Quarantine.first_seen_at > now - LATELY)
        return Condition(
            name=name,
            enabled=enabled,
            runs=tuple(Run(*row) for row in store.execute(runs.order_by(SyncRun.id.desc()).limit(LATEST_RUNS))),
            current_at=store.scalar(select(func.max(SyncRun.finished_at)).where(own, SyncRun.state.in_(ENDED_WELL))),
            schedules=_schedules(store, connection_id),
            asked_at=_asked_at(store, connection_id),
            abandoned_by=_abandoned_by(store, connection_id, now),
            hold=holds.pending(store, connection_id),
            lasting_absences=_lasting(store, connection_id, now),
            quarantined=_count(store, Quarantine.connection_id == connection_id),
            quarantined_lately=_count(store, waiting),
            webhooks=webhooks.webhooks(store, connection_id),
            budget=_budget(store, connection_id),
            unread=_unread(store, connection_id),
            uneven=_uneven(store, connection_id),
            unclear=version.profile.unclear if version is not None else (),
        )


def _schedules(store: Store, connection_id: int) -> tuple[Timed, ...]:
    query = select(ScheduleRow.mode, ScheduleRow.cron, ScheduleRow.time_zone, ScheduleRow.enabled)
    rows = store.execute(query.where(ScheduleRow.connection_id == connection_id).order_by(ScheduleRow.mode))
    return tuple(Timed(*row) for row in rows)


def _asked_at(store: Store, connection_id: int) -> datetime | None:
    asked = select(func.min(RunRequest.asked_at)).where(RunRequest.connection_id == connection_id)
    own = (Delivery.connection_id == connection_id, Delivery.state == deliveries.WAITING)
    told = select(func.min(Delivery.received_at)).where(*own)
    return min((since for query in (asked, told) if (since := store.scalar(query)) is not None), default=None)


def _abandoned_by(store: Store, connection_id: int, now: datetime) -> str | None:
    """Who left a run open and is no more, or was not heard of for too long."""
    running = select(SyncRun.id).where(SyncRun.connection_id == connection_id, SyncRun.state == RUNNING)
    leases = select(Lease.run_id, Lease.owner, Lease.expires_at).where(Lease.connection_id == connection_id)
    held = {run_id: (owner, expires_at) for run_id, owner, expires_at in store.execute(leases)}
    for run_id in store.scalars(running):
        owner, expires_at = held.get(run_id, ("a process that is not known", now))
        if expires_at <= now or is_dead(owner):
            return owner
    return None


def _lasting(store: Store, connection_id: int, now: datetime) -> int:
    unclear = or_(Absence.verdict.is_(None), Absence.verdict == Verdict.UNKNOWN.value)
    open_end = (Absence.connection_id == connection_id, Absence.applied_at.is_(None), unclear)
    query = select(func.count()).select_from(Absence).where(*open_end, Absence.observed_at < now - LASTING)
    return store.scalar(query) or 0


def _count(store: Store, which: ColumnElement[bool]) -> int:
    return store.scalar(select(func.count()).select_from(Quarantine).where(which)) or 0


def _budget(store: Store, connection_id: int) -> Budget | None:
    columns = [getattr(RateBudget, name) for name in Budget._fields]
    row = store.execute(select(*columns).where(RateBudget.connection_id == connection_id)).first()
    return None if row is None else Budget(*row)


def _unread(store: Store, connection_id: int) -> int:
    begun = (Cursor.connection_id == connection_id, Cursor.completed_at.is_(None))
    return store.scalar(select(func.count()).select_from(Cursor).where(*begun)) or 0


def _uneven(store: Store, connection_id: int) -> tuple[Part, ...]:
    query = select(SliceCount.slice, SliceCount.told, SliceCount.kept).where(SliceCount.connection_id == connection_id)
    rows = store.execute(query.where(SliceCount.told.is_not(None), SliceCount.told != SliceCount.kept))
    return tuple(Part(part, told or 0, kept) for part, told, kept in rows)
