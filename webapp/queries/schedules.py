"""When the connections are due, and what people asked for that has not begun."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.landing import RunRequest
from sync.modes import Mode
from sync.schedule.schedules import SCHEDULED, Schedule, next_of
from sync.schedule.timetable import schedules_in_force

_ASKED = RunRequest.__table__
_CONNECTION = ConnectionRow.__table__


@dataclass(frozen=True)
class Asked:
    """A run somebody asked for that has not begun."""

    connection_id: int
    connection: str
    enabled: bool
    mode: str
    by: str
    at: datetime


def schedules(connection: Connection) -> dict[int, tuple[Schedule, ...]]:
    """The schedules in force, by connection."""
    found: dict[int, list[Schedule]] = defaultdict(list)
    for each in schedules_in_force(connection):
        found[each.connection_id].append(each)
    return {connection_id: tuple(own) for connection_id, own in found.items()}


def asked_for(connection: Connection) -> tuple[Asked, ...]:
    """The runs people asked for, the longest waiting first."""
    rows = connection.execute(
        select(
            _ASKED.c.connection_id,
            _CONNECTION.c.name,
            _CONNECTION.c.enabled,
            _ASKED.c.mode,
            _ASKED.c.asked_by,
            _ASKED.c.asked_at,
        )
        .join(_CONNECTION, _CONNECTION.c.id == _ASKED.c.connection_id)
        .order_by(_ASKED.c.asked_at, _ASKED.c.mode)
    )
    return tuple(Asked(*row) for row in rows)


def next_run(own: Iterable[Schedule], now: datetime) -> tuple[datetime, Mode] | None:
    """When the next run is due and how wide it is: of two at once the wider. None where none is scheduled."""
    found = [(at, -SCHEDULED.index(each.mode)) for each in own if (at := next_of(each, now)) is not None]
    return (min(found)[0], SCHEDULED[-min(found)[1]]) if found else None
