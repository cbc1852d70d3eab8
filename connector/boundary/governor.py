"""Who says when requests of one connection may start, and how many may be under way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from connector.boundary.pace import Pace, eased, informed, taken, throttled
from connector.boundary.told import Told


class Governor(Protocol):
    """The pace of one connection, shared by all who ask through it. Safe to use from threads; neither waits nor raises.

    Moments are seconds of its own clock, `now`.
    """

    def now(self) -> float:
        """The present moment."""
        ...

    def turn(self) -> float:
        """Take the next turn: the moment at which its request may start."""
        ...

    def free_at(self) -> float:
        """The moment before which nobody may ask, whatever turn was taken before; it may lie in the past."""
        ...

    def width(self) -> int:
        """How many requests may be under way at once; 0 for as many as there are threads."""
        ...

    def answered(self, told: Told) -> None:
        """A good answer came, and told this of the budget."""
        ...

    def throttled(self, pause: float, under_way: int, told: Told) -> None:
        """The tracker asks for a pause of so many seconds; so many requests were under way."""
        ...


def base_gap(requests_per_minute: int) -> float:
    """Seconds between two requests at the set rate; 0 for none."""
    return 60.0 / requests_per_minute if requests_per_minute > 0 else 0.0


class LocalGovernor:
    """The pace of a connection that only this process uses."""

    def __init__(self, requests_per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._base_s = base_gap(requests_per_minute)
        self._pace = Pace(gap_s=self._base_s)

    @property
    def pace(self) -> Pace:
        """The pace at present."""
        return self._pace

    def now(self) -> float:
        return self._clock()

    def turn(self) -> float:
        with self._lock:
            moment, self._pace = taken(self._pace, self._clock())
            return moment

    def free_at(self) -> float:
        return self._pace.free_at

    def width(self) -> int:
        return self._pace.width

    def answered(self, told: Told) -> None:
        with self._lock:
            self._pace = informed(eased(self._pace, self._base_s), told, self._clock())

    def throttled(self, pause: float, under_way: int, told: Told) -> None:
        with self._lock:
            now = self._clock()
            self._pace = throttled(informed(self._pace, told, now), self._base_s, now, pause, under_way)
