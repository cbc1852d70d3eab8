"""What is done whatever the connections: taking erased persons out of what is kept, at once; bringing figures to the
present day and computing the past anew where it changed, as soon as there is cause; and once a day removing what was
kept long enough.

Each process does the last when it begins and every day after, without asking what others did: there is nothing to do
the second time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from portfolio.audit.entry import SYSTEM
from sync.jobs.clean import clean
from sync.jobs.figures import keep_figures
from sync.jobs.means import Means
from sync.jobs.retain import retain

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)


class Daily:
    """These duties of one process, whichever of its threads comes by."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._done_at: datetime | None = None
        self._busy = threading.Lock()

    def do(self, stop: Callable[[], str | None]) -> bool:
        """Do what is due, if nobody is at it. False when there was nothing to do. Raises `StoreError`."""
        if not self._busy.acquire(blocking=False):
            return False
        try:
            now = self._means.clock()
            if rewritten := clean(self._means.engine, now, stop=stop):
                log.info("took erased persons out of %d payloads", rewritten)
            if days := keep_figures(self._means.engine, self._means.clock, self._means.time_zone, stop=stop):
                log.info("computed the figures of %d past days", days)
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
