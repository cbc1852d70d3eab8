"""What is done once a day, whatever the connections: removing what was kept long enough.

Each process does it when it begins and every day after, without asking what others did: there is nothing to do the
second time. A process that never lives for a day does it when it begins.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from portfolio.audit.entry import SYSTEM
from sync.jobs.means import Means
from sync.jobs.retain import retain

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)


class Daily:
    """The day's duty of one process, whichever of its threads comes by."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._done_at: datetime | None = None
        self._busy = threading.Lock()

    def do(self, stop: Callable[[], str | None]) -> bool:
        """Do it if it is due and nobody is at it. False when there was nothing to do. Raises `StoreError`."""
        if not self._busy.acquire(blocking=False):
            return False
        try:
            now = self._means.clock()
            if self._done_at is not None and now - self._done_at < EVERY:
                return False
            removed = retain(self._means.engine, now, SYSTEM, stop=stop)
            self._done_at = now
        finally:
            self._busy.release()
        if any(removed):
            told = ", ".join(f"{name} {number}" for name, number in removed._asdict().items() if number)
            log.info("removed what was kept long enough: %s", told)
        return any(removed)
