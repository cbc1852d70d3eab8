"""GET /api/v1/connections: whether each connection is current, and what is asked of it. No setting, no secret."""

from __future__ import annotations

from datetime import datetime

import msgspec
from flask import Blueprint, Response

from webapp import here
from webapp.api.asked import Nothing, answer, query
from webapp.queries.freshness import ConnectionState, connection_states
from webapp.queries.schedules import asked_for, next_run
from webapp.words import host

part = Blueprint("connections", __name__)


class LastRun(msgspec.Struct, frozen=True):
    id: int
    mode: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    error: str | None


class Connection(msgspec.Struct, frozen=True):
    """A connection. `current_at` is when it was last read; `asked` are the modes of runs that were asked for and have
    not begun."""

    id: int
    name: str
    tracker: str
    host: str
    state: str
    current: bool
    overdue: bool
    current_at: datetime | None
    next_run_at: datetime | None
    waits_until: datetime | None
    quarantined: int
    held: bool
    asked: list[str]
    last_run: LastRun | None


class Connections(msgspec.Struct, frozen=True):
    connections: list[Connection]


def _connection(it: ConnectionState, asked: list[str], now: datetime) -> Connection:
    due = next_run(it.schedules, now) if it.enabled else None
    last = it.last
    return Connection(
        id=it.id,
        name=it.name,
        tracker=it.tracker,
        host=host(it.address),
        state=it.state,
        current=it.current,
        overdue=it.overdue,
        current_at=it.current_at,
        next_run_at=due[0] if due else None,
        waits_until=it.waits_until,
        quarantined=it.quarantined,
        held=it.held,
        asked=asked,
        last_run=LastRun(last.id, last.mode, last.state, last.started_at, last.finished_at, last.error)
        if last
        else None,
    )


@part.get("/connections")
def connections() -> Response:
    query(Nothing)
    now = here.now()
    with here.reading() as connection:
        states, asked = connection_states(connection, now), asked_for(connection)
    return answer(
        Connections(
            [_connection(it, [each.mode for each in asked if each.connection_id == it.id], now) for it in states]
        )
    )
