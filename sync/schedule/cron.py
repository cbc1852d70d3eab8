"""Cron expressions in a time zone: whether they can be read, what they say, when they are due. Pure.

Five fields: minute, hour, day of month, month, day of week. Times of day follow the zone's clock; an hour that comes
twice in autumn is due once, and one that is skipped in spring is due as soon as the clock is past it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from sync.errors import SyncError

CRON, ZONE = "cron", "zone"
FIELDS = 5
LONGEST = 100
LONGER_THAN_A_CHANGE = timedelta(hours=3)


class ScheduleError(SyncError):
    """A cron expression or a time zone that cannot be read. `field` tells which: cron or zone."""

    def __init__(self, field: str, said: str) -> None:
        super().__init__(said)
        self.field = field


def times(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    """The due times later than `after`, in UTC. Raises `ScheduleError`; ends early where no more are to come."""
    return (each.astimezone(UTC) for each in _opened(cron, after.astimezone(_zone(zone))))


def next_due(cron: str, zone: str, after: datetime) -> datetime | None:
    """The first due time later than `after`, in UTC; None when there is none to come. Raises `ScheduleError`."""
    return next(times(cron, zone, after), None)


def last_due(cron: str, zone: str, now: datetime) -> datetime | None:
    """The last due time that is not later than `now`, in UTC; None when there was none. Raises `ScheduleError`."""
    # The way back loses times in an hour that comes twice: it is only taken to where the way forth can begin.
    found = next(_opened(cron, (now - LONGER_THAN_A_CHANGE).astimezone(_zone(zone)), reverse=True), None)
    if found is None:
        return None
    last = found.astimezone(UTC)
    for each in times(cron, zone, last):
        if each > now:
            break
        last = each
    return last


def explained(cron: str) -> str:
    """The expression in words: "At 03:00 on Sunday". Asked only of one that can be read."""
    return CronSim(cron, datetime(2000, 1, 1, tzinfo=UTC)).explain()


def _opened(cron: str, here: datetime, *, reverse: bool = False) -> CronSim:
    if len(cron) > LONGEST or len(cron.split()) != FIELDS:
        raise ScheduleError(CRON, "Five fields are wanted: minute, hour, day of month, month, day of week.")
    try:
        return CronSim(cron, here, reverse=reverse)
    except CronSimError as error:
        raise ScheduleError(CRON, f"{error}. For example: */10 * * * * is every ten minutes.") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise ScheduleError(ZONE, "This time zone is not known. Write it like Europe/Berlin or UTC.") from error
