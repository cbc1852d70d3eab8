"""The schedules of the connections, as rows: written when a connection comes, claimed when they are due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection as Store
from sqlalchemy import Engine, Row, exists, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import SYSTEM, Actor, Subject
from portfolio.model.landing import Connection
from portfolio.model.landing import Schedule as ScheduleRow
from portfolio.store.engine import reading, writing
from portfolio.store.upsert import upsert
from sync.modes import Mode
from sync.schedule.cron import next_due
from sync.schedule.schedules import DEFAULTS, SCHEDULED, Due, Schedule
from sync.tables import table_of

# What was taken up and not heard of any more is due again: longer than a run needs to get its lease.
LOST_AFTER = timedelta(minutes=2)

_QUERY = select(
    ScheduleRow.connection_id,
    ScheduleRow.mode,
    ScheduleRow.cron,
    ScheduleRow.time_zone,
    ScheduleRow.enabled,
    ScheduleRow.fired_at,
    ScheduleRow.again_at,
    ScheduleRow.attempts,
)


def add_defaults(engine: Engine, time_zone: str, now: datetime) -> None:
    """Give the connections that have no schedule the usual one; the first run is due at once."""
    bare = select(Connection.id).where(~exists().where(ScheduleRow.connection_id == Connection.id))
    with reading(engine) as store:
        if store.scalar(bare.limit(1)) is None:
            return
    with writing(engine) as store:
        new = store.scalars(bare).all()
        rows = [
            {
                "connection_id": connection_id,
                "mode": mode.value,
                "cron": cron,
                "time_zone": time_zone,
                # A connection that was never read is read whole by its first run, whatever the mode.
                "fired_at": None if mode is Mode.INCREMENTAL else now,
            }
            for connection_id in new
            for mode, cron in DEFAULTS.items()
        ]
        upsert(store, table_of(ScheduleRow), rows, ["connection_id", "mode"], update=[])
        given = {mode.value: {"cron": cron, "enabled": True} for mode, cron in DEFAULTS.items()}
        for connection_id in new:
            about = Subject("connection", connection_id)
            append(store, now, SYSTEM, "schedule.added", about, new={**given, "time_zone": time_zone})


def schedules_of(engine: Engine, connection_id: int) -> tuple[Schedule, ...]:
    """The schedules of one connection, the narrowest first."""
    with reading(engine) as store:
        rows = store.execute(_QUERY.where(ScheduleRow.connection_id == connection_id))
        return tuple(sorted(map(_read, rows), key=lambda each: SCHEDULED.index(each.mode)))


def schedules_in_force(store: Store) -> tuple[Schedule, ...]:
    """The enabled schedules of all enabled connections."""
    query = _QUERY.join(Connection, Connection.id == ScheduleRow.connection_id)
    return tuple(map(_read, store.execute(query.where(Connection.enabled, ScheduleRow.enabled))))


def resting(store: Store, now: datetime) -> frozenset[int]:
    """The connections that are left alone because a run of theirs came to nothing a moment ago."""
    return frozenset(store.scalars(select(ScheduleRow.connection_id).where(ScheduleRow.again_at > now)))


def change(
    engine: Engine,
    connection_id: int,
    now: datetime,
    by: Actor,
    *,
    crons: Mapping[Mode, str],
    time_zone: str | None,
    switched: Mapping[Mode, bool],
) -> None:
    """Change what is given and keep the rest; the time zone is that of all modes.

    What was missed under the earlier times is not caught up on. Raises `ScheduleError` for what cannot be read, and
    then nothing is changed. The connection has its schedules (`add_defaults`).
    """
    old: dict[str, dict[str, Any]] = {}
    new: dict[str, dict[str, Any]] = {}
    with writing(engine) as store:
        for row in store.execute(_QUERY.where(ScheduleRow.connection_id == connection_id)).all():
            schedule = _read(row)
            cron, zone = crons.get(schedule.mode, schedule.cron), time_zone or schedule.time_zone
            if (cron, zone) != (schedule.cron, schedule.time_zone):
                next_due(cron, zone, now)
            before = {"cron": schedule.cron, "time_zone": schedule.time_zone, "enabled": schedule.enabled}
            after = {"cron": cron, "time_zone": zone, "enabled": switched.get(schedule.mode, schedule.enabled)}
            if after == before:
                continue
            own = (ScheduleRow.connection_id == connection_id, ScheduleRow.mode == schedule.mode.value)
            values = {**after, "fired_at": now, "again_at": None, "attempts": 0}
            store.execute(update(ScheduleRow).where(*own).values(**values))
            old[schedule.mode.value], new[schedule.mode.value] = before, after
        if new:
            append(store, now, by, "schedule.changed", Subject("connection", connection_id), old=old, new=new)


def claim(engine: Engine, wanted: Due, now: datetime) -> bool:
    """Take up a run that is due. False when another process was faster.

    Until `settle` tells how it ended it is thought of as lost, and due again after `LOST_AFTER`; the lease of the run
    keeps others away meanwhile.
    """
    with writing(engine) as store:
        for number, (schedule, at) in enumerate(wanted.ticks):
            as_found = (
                ScheduleRow.connection_id == wanted.connection_id,
                ScheduleRow.mode == schedule.mode.value,
                ScheduleRow.enabled,
                ScheduleRow.fired_at.is_not_distinct_from(schedule.fired_at),
                ScheduleRow.again_at.is_not_distinct_from(schedule.again_at),
            )
            taken = {"fired_at": at, "again_at": now + LOST_AFTER, "attempts": schedule.attempts + 1}
            done = store.execute(update(ScheduleRow).where(*as_found).values(**taken)).rowcount
            if not done and number == 0:
                return False
    return True


def settle(engine: Engine, connection_id: int, modes: Sequence[Mode], again_at: datetime | None) -> None:
    """A run that answered these modes has ended: well or for good (None), or to be tried again at that time."""
    own = (ScheduleRow.connection_id == connection_id, ScheduleRow.mode.in_([mode.value for mode in modes]))
    values = {"again_at": None, "attempts": 0} if again_at is None else {"again_at": again_at}
    with writing(engine) as store:
        store.execute(update(ScheduleRow).where(*own).values(**values))


def _read(row: Row[int, str, str, str, bool, datetime | None, datetime | None, int]) -> Schedule:
    connection_id, mode, cron, zone, enabled, fired_at, again_at, attempts = row
    return Schedule(connection_id, Mode(mode), cron, zone, enabled, fired_at, again_at, attempts)
