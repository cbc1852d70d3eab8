"""The jobs of a server without workers: some threads beside those that answer requests.

Each looks every few seconds for something to do. Several servers on one database, and workers beside them, keep out of
each other's way by what is written in it.
"""

from __future__ import annotations

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from portfolio.store.errors import StoreError
from sync.jobs.means import Means
from sync.schedule import dispatch, previews, timetable
from sync.schedule.daily import Daily

log = logging.getLogger(__name__)

EVERY_S = 3.0
# How long a stopping server waits for runs to come to the end of a batch.
PATIENCE_S = 20.0
STOPPING = "the server, which is shutting down"


class Embedded:
    """Threads that do what there is to do, inside the `with` block. Leaving it asks runs to stop between two batches.

    A run that does not within `PATIENCE_S`, because its tracker is slow, ends with the process; what it committed is
    kept, and the next process takes it up.
    """

    def __init__(self, means: Means, threads: int, every_s: float = EVERY_S) -> None:
        self._means = means
        self._every_s = every_s
        self._daily = Daily(means)
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"job-{number}", daemon=True) for number in range(threads)
        ]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE_S / len(self._threads))

    def _work(self) -> None:
        away = False
        while not self._stopping.is_set():
            try:
                busy = self._one()
                away = False
            except (StoreError, SQLAlchemyError) as error:
                if not away:
                    log.error("jobs wait for the database: %s", " ".join(str(error).split()))
                busy, away = False, True
            if not busy:
                self._stopping.wait(self._every_s)

    def _one(self) -> bool:
        """Do the first thing that nobody else has taken up. False when there is nothing to do."""
        engine, clock = self._means.engine, self._means.clock
        timetable.add_defaults(engine, self._means.time_zone, clock())
        # Somebody waits for a preview in front of a page.
        if any(previews.carry_out(self._means, each, self._stop) for each in previews.waiting(self._means)):
            return True
        for wish in dispatch.wanted(engine, clock()):
            if dispatch.take(engine, wish, clock()):
                dispatch.carry_out(self._means, wish.task, self._stop)
                return True
        return self._daily.do(self._stop)

    def _stop(self) -> str | None:
        return STOPPING if self._stopping.is_set() else None
