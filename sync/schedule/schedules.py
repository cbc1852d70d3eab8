"""Which connections are due for which run. Pure: rows in, decisions out.

What was missed while nobody looked is one run. Of several modes that are due at once the widest is run, since it reads
what the narrower ones would.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sync.modes import Mode
from sync.schedule.cron import ScheduleError, last_due, next_due

# The narrowest first.
SCHEDULED = (Mode.INCREMENTAL, Mode.CENSUS, Mode.FULL)
# A run that came to nothing so often in a row waits for its next due time.
MOST_ATTEMPTS = 5
DEFAULTS = {Mode.INCREMENTAL: "*/10 * * * *", Mode.CENSUS: "17 * * * *", Mode.FULL: "0 3 * * 0"}


class Schedule(NamedTuple):
    """When runs of one mode of a connection are due.

    `fired_at` is the due time that was last acted upon, None when a run is wanted at once. `again_at` is when a run
    that came to nothing is to be tried again, after `attempts` attempts.
    """

    connection_id: int
    mode: Mode
    cron: str
    time_zone: str
    enabled: bool
    fired_at: datetime | None
    again_at: datetime | None
    attempts: int


class Tick(NamedTuple):
    """A schedule as it was found, and the due time that is now acted upon."""

    schedule: Schedule
    at: datetime


class Due(NamedTuple):
    """A run that is due. `ticks` are those it answers, the widest first; `attempts` came to nothing so far."""

    connection_id: int
    mode: Mode
    ticks: tuple[Tick, ...]

    @property
    def since(self) -> datetime:
        """Since when somebody has been waiting for it."""
        return min(tick.at for tick in self.ticks)

    @property
    def attempts(self) -> int:
        return max(tick.schedule.attempts for tick in self.ticks)


def due(schedules: Iterable[Schedule], now: datetime) -> tuple[Due, ...]:
    """The run that is due of each connection, the longest waiting first.

    A connection whose last run came to nothing is left alone until that is to be tried again. A schedule that cannot be
    read is never due: whoever entered it was told so.
    """
    ordered = sorted((each for each in schedules if each.enabled), key=attrgetter("connection_id"))
    found = []
    for connection_id, group in groupby(ordered, key=attrgetter("connection_id")):
        own = tuple(group)
        if any(each.again_at is not None and each.again_at > now for each in own):
            continue
        ticks = [tick for each in own if (tick := _tick(each, now)) is not None]
        if ticks:
            ticks.sort(key=lambda tick: SCHEDULED.index(tick.schedule.mode), reverse=True)
            found.append(Due(connection_id, ticks[0].schedule.mode, tuple(ticks)))
    return tuple(sorted(found, key=lambda each: (each.since, each.connection_id)))


def next_of(schedule: Schedule, now: datetime) -> datetime | None:
    """When the schedule is acted upon next; None when it is disabled or cannot be read."""
    if not schedule.enabled:
        return None
    if schedule.fired_at is None or schedule.again_at is not None:
        return max(now, schedule.again_at or now)
    with suppress(ScheduleError):
        return next_due(schedule.cron, schedule.time_zone, now)
    return None


def _tick(schedule: Schedule, now: datetime) -> Tick | None:
    if schedule.fired_at is None:
        return Tick(schedule, now)
    last = None
    with suppress(ScheduleError):
        last = last_due(schedule.cron, schedule.time_zone, now)
    if last is not None and last > schedule.fired_at:
        return Tick(schedule, last)
    pending = schedule.again_at is not None and schedule.attempts < MOST_ATTEMPTS
    return Tick(schedule, schedule.fired_at) if pending else None
