"""When a connection counts as out of date: when its schedule was due several times and no run ended well. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from itertools import islice

from sync.schedule.cron import ScheduleError, times

# A missed tick is bad luck, and a long run misses some. A third is trouble.
MISSED = 3


def stale_since(schedules: Iterable[tuple[str, str]], current_at: datetime) -> datetime | None:
    """From when on a connection last current at `current_at` is out of date, by its cron expressions and their zones.

    The one of them that is due the most often decides. None without a schedule; one that cannot be read is left out.
    """
    limits = []
    for cron, zone in schedules:
        with suppress(ScheduleError):
            limits += list(islice(times(cron, zone, current_at), MISSED - 1, MISSED))
    return min(limits, default=None)
