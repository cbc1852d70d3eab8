"""How fresh what we show is: per connection, the last run and the last one that read what was in reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.landing import Quarantine
from portfolio.model.oversight import SyncRun

_CONNECTION = ConnectionRow.__table__
_RUN = SyncRun.__table__


@dataclass(frozen=True)
class LastRun:
    """The newest run of a connection."""

    id: int
    state: str
    started_at: datetime
    finished_at: datetime | None
    error: str | None


@dataclass(frozen=True)
class ConnectionState:
    """A connection without its settings and secret. `current_at`: when its last run ended well, whole or with gaps."""

    id: int
    name: str
    tracker: str
    address: str
    enabled: bool
    last: LastRun | None
    current_at: datetime | None
    quarantined: int

    @property
    def state(self) -> str:
        """disabled, never, running, done, partial, failed or interrupted."""
        if not self.enabled:
            return "disabled"
        return self.last.state if self.last else "never"


def connection_states(connection: Connection) -> tuple[ConnectionState, ...]:
    """Every connection by name, in one query."""
    newest = select(func.max(_RUN.c.id).label("id")).group_by(_RUN.c.connection_id).subquery()
    good = (
        select(_RUN.c.connection_id, func.max(_RUN.c.finished_at).label("at"))
        .where(_RUN.c.state.in_(("done", "partial")))
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
            good.c.at,
            func.coalesce(counts.c.n, 0).label("quarantined"),
        )
        .outerjoin(last, last.c.connection_id == _CONNECTION.c.id)
        .outerjoin(good, good.c.connection_id == _CONNECTION.c.id)
        .outerjoin(counts, counts.c.connection_id == _CONNECTION.c.id)
        .order_by(_CONNECTION.c.name)
    )
    return tuple(
        ConnectionState(
            row.id,
            row.name,
            row.tracker,
            row.address,
            row.enabled,
            LastRun(row.run_id, row.state, row.started_at, row.finished_at, row.error) if row.run_id else None,
            row.at,
            row.quarantined,
        )
        for row in connection.execute(statement)
    )
