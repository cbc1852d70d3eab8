"""The pace of a connection, shared by all processes through its row of `rate_budget`.

A request costs no transaction. Each process keeps a copy of the row, looks at it about once a second, and takes its
turns from it in blocks of about a second. Only what others must know is written: blocks, a 429 (at once), good answers
after one, and now and then the budget that the tracker tells of. While the database is away, or somebody else writes
for long, the copy alone serves, and what was learnt meanwhile is written later.

Processes on several machines compare their clocks through the row; they should agree to about a second.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from msgspec.structs import asdict, replace
from sqlalchemy import Connection, Engine, Select, select, update
from sqlalchemy.exc import SQLAlchemyError

from connector.boundary import pace as paces
from connector.boundary.governor import base_gap
from connector.boundary.pace import Pace, gap_at, taken
from connector.boundary.told import Told
from portfolio.model.landing import RateBudget
from portfolio.store.engine import hurried, reading
from portfolio.store.errors import StoreError
from portfolio.store.upsert import upsert
from sync.tables import table_of

LOOK_EVERY_S = 1.0
BLOCK_S = 1.0
# While the database cannot be had, it is not asked more often than this.
AWAY_S = 5.0
# A budget that is not nearly used up is of interest to people only.
TOLD_EVERY_S = 10.0

_ROW = table_of(RateBudget)
_COLUMNS = tuple(column.name for column in _ROW.c if column.name != "connection_id")
_log = structlog.get_logger("sync")

Change = Callable[[Pace], Pace]


class SharedGovernor:
    """See `connector.boundary.governor.Governor`. One per open connection; any number per row. Never raises.

    `clock` gives epoch seconds, as the moments of the row are compared across processes.
    """

    def __init__(
        self, engine: Engine, connection_id: int, requests_per_minute: int, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self._connection_id = connection_id
        self._own = _ROW.c.connection_id == connection_id
        self._query = select(*(_ROW.c[name] for name in _COLUMNS)).where(self._own)
        self._base_s = base_gap(requests_per_minute)
        self._clock = clock
        self._lock = threading.Lock()
        self._pace = Pace(gap_s=self._base_s)
        self._block: deque[float] = deque()
        self._look_at = float("-inf")
        self._away = False
        # What the row is still to be told.
        self._changes: list[Change] = []
        self._good = 0
        self._answers = 0
        self._told_at = float("-inf")
        self.ahead_s: float | None = None
        """How far the tracker's clock is ahead of ours; None as long as it told no time."""

    def now(self) -> float:
        return self._clock()

    def turn(self) -> float:
        with self._lock:
            now = self._looked()
            gap = gap_at(self._pace, now)
            if gap <= 0:
                return max(now, self._pace.free_at)
            # Turns that nobody took in time are gone: they must not be made up for all at once.
            while self._block and self._block[0] < now - gap:
                self._block.popleft()
            if not self._block:
                count = max(1, int(BLOCK_S / gap))
                start = self._take(now, count)
                self._block.extend(start + number * gap for number in range(count))
            return self._block.popleft()

    def free_at(self) -> float:
        with self._lock:
            self._looked()
            return self._pace.free_at

    def width(self) -> int:
        return self._pace.width

    def answered(self, told: Told) -> None:
        with self._lock:
            now, known = self._clock(), self._pace
            self.ahead_s = told.ahead if told.ahead is not None else self.ahead_s
            self._pace = paces.informed(paces.eased(known, self._base_s), told, now)
            if known.gap_s > self._base_s or known.width:
                self._answers += 1
            slower = self._pace.free_at > known.free_at or gap_at(self._pace, now) > self._pace.gap_s
            if told.remaining is not None and now >= self._told_at + (LOOK_EVERY_S if slower else TOLD_EVERY_S):
                self._told_at = now
                self._changes.append(partial(paces.informed, told=told, now=now))

    def throttled(self, pause: float, under_way: int, told: Told) -> None:
        with self._lock:
            now, known = self._clock(), self._pace

            def change(pace: Pace) -> Pace:
                return paces.throttled(paces.informed(pace, told, now), self._base_s, now, pause, under_way)

            self._pace = change(known)
            self._changes.append(change)
            self._block.clear()
            # Requests that were under way together say the same; the first one is told at once.
            if self._pace.throttled_at != known.throttled_at and self._reachable(now):
                self._share(now)

    def _looked(self) -> float:
        """The present moment, with a copy of the row that is about a second old at most."""
        now = self._clock()
        if now >= self._look_at:
            self._share(now)
        return now

    def _reachable(self, now: float) -> bool:
        return not self._away or now >= self._look_at

    def _take(self, now: float, count: int) -> float:
        if self._reachable(now):
            return self._share(now, count)
        start, self._pace = taken(self._pace, now, count)
        return start

    def _share(self, now: float, count: int = 0) -> float:
        """Tell the row what this process learnt, take `count` turns, and take over what others told it.

        Returns the moment of the first turn; without the database those of this process alone are counted.
        """
        known, start = self._pace, now
        try:
            if self._changes or self._answers or count:
                with hurried(self._engine) as store:
                    start, seen = self._written(store, now, count)
            else:
                with reading(self._engine) as store:
                    seen = self._current(_pace(store, self._query), now)
        except (SQLAlchemyError, StoreError) as problem:
            if not self._away:
                _log.warning("rate budget not shared for now", problem=type(problem).__name__)
            self._away, self._look_at = True, now + AWAY_S
            if count:
                start, self._pace = taken(known, now, count)
            return start
        self._changes.clear()
        self._away, self._look_at = False, now + LOOK_EVERY_S
        self._pace, self._good, self._answers = seen, seen.good, 0
        if seen.throttled_at != known.throttled_at:
            self._block.clear()
        return start

    def _written(self, store: Connection, now: float, count: int) -> tuple[float, Pace]:
        query = self._query.with_for_update()
        before = _pace(store, query)
        if before is None:
            row = asdict(Pace(gap_s=self._base_s))
            fresh = {name: row[name] for name in _COLUMNS} | {"connection_id": self._connection_id}
            upsert(store, _ROW, [fresh], ["connection_id"], update=[])
            before = _pace(store, query)
        pace = paces.eased(self._current(before, now), self._base_s, self._answers)
        for change in self._changes:
            pace = change(pace)
        start, pace = taken(pace, now, count)
        values = {name: value for name, value in asdict(pace).items() if name in _COLUMNS}
        store.execute(update(_ROW).where(self._own).values(**values))
        return start, pace

    def _current(self, pace: Pace | None, now: float) -> Pace:
        """The row's pace as it holds here and now."""
        known = Pace() if pace is None else replace(pace, good=self._good)
        return paces.recovered(known, self._base_s, now)


def _pace(store: Connection, query: Select[Any]) -> Pace | None:
    row = store.execute(query).first()
    return None if row is None else Pace(**row._mapping)
