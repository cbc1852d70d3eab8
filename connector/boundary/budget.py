"""The rate at which one connection may ask, shared by all its threads."""

from __future__ import annotations

import threading
from collections.abc import Callable

FIRST_GAP_S = 0.1
WIDEST_GAP_S = 5.0
EASE = 0.95


class RateBudget:
    """Hands out moments to start a request.

    Requests start at least `gap` seconds apart. The gap comes from `requests_per_minute` (0: none), doubles whenever
    the tracker throttles, and eases back with each answer that is not throttled. It does not count concurrent requests:
    the number of threads bounds those.
    """

    def __init__(self, requests_per_minute: int, *, sleep: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._base = 60.0 / requests_per_minute if requests_per_minute > 0 else 0.0
        self._gap = self._base
        self._next = 0.0

    @property
    def gap(self) -> float:
        """Seconds between the starts of two requests at present."""
        return self._gap

    def take(self) -> None:
        """Wait for this request's turn."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next)
            self._next = start + self._gap
        if start > now:
            self._sleep(start - now)

    def slow_down(self, pause: float) -> None:
        """The tracker throttled us: nobody asks for `pause` seconds, then everybody asks half as often."""
        with self._lock:
            self._gap = min(max(self._gap * 2, FIRST_GAP_S), max(WIDEST_GAP_S, self._base))
            self._next = max(self._next, self._clock() + pause)

    def ease(self) -> None:
        """The tracker answered: come back towards the configured rate."""
        if self._gap > self._base:
            with self._lock:
                eased = self._gap * EASE
                self._gap = self._base if eased < max(self._base, FIRST_GAP_S / 10) else eased
