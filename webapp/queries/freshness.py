"""How fresh what we show is: per connection, the last run and the last one that read what was in reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from portfolio.access.rows import seen_connection
from portfolio.access.viewer import Viewer
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.landing import Hold, Quarantine, RateBudget
from portfolio.model.oversight import NOT_OF_ALL, SyncRun
from sync.schedule.schedules import Schedule
from sync.schedule.staleness import stale_since
from webapp.queries.schedules import schedules

_CONNECTION = ConnectionRow.__table__
_RUN = SyncRun.__table__
_BUDGET = RateBudget.__table__
_HOLD = Hold.__table__
_READS_ALL = _RUN.c.mode.not_in(NOT_OF_ALL)


@dataclass(frozen=True)
class LastRun:
    """The newest run of a connection."""

    id: int
    state: str
    started_at: datetime
    finished_at: datetime | None
    error: str | None
    mode: str


@dataclass(frozen=True)
class ConnectionState:
    """A connection without its settings and secret. `current_at`: when its last run ended well, whole or with gaps.

    `waits_until` is when the tracker lets us ask again, None when it does. `overdue` is True when its schedule was due
    several times since it was current. `held` is True while records that went missing wait for a person's decision.
    """

    id: int
    name: str
    tracker: str
    address: str
    enabled: bool
    last: LastRun | None
    current_at: datetime | None
    quarantined: int
    waits_until: datetime | None
    overdue: bool
    held: bool
    schedules: tuple[Schedule, ...]

    @property
    def state(self) -> str:
        """disabled, never, running, done, partial, failed, interrupted or cancelled."""
        if not self.enabled:
            return "disabled"
        return self.last.state if self.last else "never"

    @property
    def stale(self) -> bool:
        """Whether its figures must not be taken for the present ones."""
        return self.enabled and (self.overdue or self.state in ("never", "failed", "interrupted"))

    @property
    def current(self) -> bool:
        """Whether its figures are as new as they should be."""
        return self.enabled and self.current_at is not None and not self.stale


def count_connections(connection: Connection, viewer: Viewer) -> int:
    """How many connections the viewer may know of, switched off or not."""
    counted = select(func.count()).select_from(_CONNECTION).where(seen_connection(_CONNECTION.c.id, viewer))
    return int(connection.scalar(counted) or 0)


def known_connections(connection: Connection, viewer: Viewer) -> frozenset[int]:
    """The connections the viewer may know of."""
    return frozenset(connection.scalars(select(_CONNECTION.c.id).where(seen_connection(_CONNECTION.c.id, viewer))))


def connection_states(connection: Connection, now: datetime) -> tuple[ConnectionState, ...]:
    """Every connection by name, in two queries, whatever their number."""
    newest = select(func.max(_RUN.c.id).label("id")).where(_READS_ALL).group_by(_RUN.c.connection_id).subquery()
    good = (
        select(_RUN.c.connection_id, func.max(_RUN.c.finished_at).label("at"))
        .where(_RUN.c.state.in_(("done", "partial")), _READS_ALL)
        .group_by(_RUN.c.connection_id)
        .subquery()
    )
    held = Quarantine.__table__
    counts = select(held.c.connection_id, func.count().label("n")).group_by(held.c.connection_id).subquery()
    last = select(_RUN).where(_RUN.c.id.in_(select(newest.c.id))).subquery()
    statement = (
        select(
            _CONNECTION.c.id,
            _CONNECTION.c.name,
            _CONNECTION.c.tracker,
            _CONNECTION.c.address,
            _CONNECTION.c.enabled,
            last.c.id.label("run_id"),
            last.c.state,
            last.c.started_at,
            last.c.finished_at,
            last.c.error,
            last.c.mode,
            good.c.at,
            func.coalesce(counts.c.n, 0).label("quarantined"),
            _BUDGET.c.free_at,
            (_HOLD.c.connection_id.is_not(None) & _HOLD.c.decision.is_(None)).label("held"),
        )
        .outerjoin(last, last.c.connection_id == _CONNECTION.c.id)
        .outerjoin(good, good.c.connection_id == _CONNECTION.c.id)
        .outerjoin(counts, counts.c.connection_id == _CONNECTION.c.id)
        .outerjoin(_BUDGET, _BUDGET.c.connection_id == _CONNECTION.c.id)
        .outerjoin(_HOLD, _HOLD.c.connection_id == _CONNECTION.c.id)
        .order_by(_CONNECTION.c.name)
    )
    due = schedules(connection)
    return tuple(_state(row, due.get(row.id, ()), now) for row in connection.execute(statement))


def _state(row: Any, due: tuple[Schedule, ...], now: datetime) -> ConnectionState:
    last = None
    if row.run_id:
        last = LastRun(row.run_id, row.state, row.started_at, row.finished_at, row.error, row.mode)
    limit = stale_since(((each.cron, each.time_zone) for each in due), row.at) if row.at else None
    free_at = datetime.fromtimestamp(row.free_at, UTC) if row.free_at else None
    return ConnectionState(
        row.id,
        row.name,
        row.tracker,
        row.address,
        row.enabled,
        last,
        row.at,
        row.quarantined,
        free_at if free_at is not None and free_at > now else None,
        limit is not None and limit < now,
        bool(row.held),
        due,
    )
