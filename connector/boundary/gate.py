"""The gate before the tracker: at most so many requests of this process are under way at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

# The width may also grow by the word of another process, which wakes nobody here.
LOOK_AGAIN_S = 1.0


class Gate:
    """Lets threads pass while there is room; the others wait before it. `width` tells the room at present, 0: any."""

    def __init__(self, width: Callable[[], int]) -> None:
        self._width = width
        self._room = threading.Condition()
        self._open = True
        self._passing = 0

    @property
    def passing(self) -> int:
        """How many requests are under way."""
        return self._passing

    def __enter__(self) -> None:
        with self._room:
            while self._open and 0 < self._width() <= self._passing:
                self._room.wait(LOOK_AGAIN_S)
            self._passing += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._room:
            self._passing -= 1
            self._room.notify_all()

    def give_up(self) -> None:
        """Nobody is to wait any more: all pass, and find out themselves that nothing may be asked."""
        with self._room:
            self._open = False
            self._room.notify_all()
