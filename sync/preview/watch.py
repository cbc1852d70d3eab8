"""Work in a thread of its own that can be told to stop, whatever it is at: between two steps, or in a long statement.

The calling thread looks on. So Ctrl-C, which Python only hears between two of its own steps, is heard at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Generic, TypeVar

from sync.errors import PreviewStoppedError

T = TypeVar("T")
EVERY_S = 0.5


class Watch:
    """What the working thread tells, and is told: `done` of `total` records are looked at."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self.stopped_by: str | None = None
        self._interrupt: Callable[[], None] | None = None
        self._lock = threading.Lock()

    def heed(self) -> None:
        """Raise `PreviewStoppedError` if somebody wants the work to stop."""
        if self.stopped_by is not None:
            raise PreviewStoppedError(self.stopped_by)

    @contextmanager
    def interrupts(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Inside the block `interrupt` breaks off the statement that the working thread is at."""
        with self._lock:
            self._interrupt = interrupt
        try:
            yield
        finally:
            with self._lock:
                self._interrupt = None

    def stop(self, by: str) -> None:
        """Have it stop. Called again until it has: the next statement may just have begun."""
        self.stopped_by = by
        with self._lock:
            if self._interrupt is not None:
                self._interrupt()


class _Working(threading.Thread, Generic[T]):
    def __init__(self, work: Callable[[Watch], T], watch: Watch) -> None:
        super().__init__(name="preview", daemon=True)
        self._context = copy_context()
        self._work = work
        self._watch = watch
        self.result: list[T] = []
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            self.result.append(self._context.run(self._work, self._watch))
        except BaseException as problem:  # noqa: BLE001 - raised again in the thread that looks on
            self.problem = problem


def watched(work: Callable[[Watch], T], stop: Callable[[], str | None], tell: Callable[[int, int], str | None]) -> T:
    """Have `work` done and return what it returns, or raise what it raises.

    Every moment `tell` is told how far it is, and it and `stop` may give a reason to stop: then `PreviewStoppedError`
    is raised, once the work has ended.
    """
    watch = Watch()
    watch.stopped_by = stop() or tell(0, 0)
    watch.heed()
    working = _Working(work, watch)
    working.start()
    try:
        while working.is_alive():
            working.join(EVERY_S)
            by = watch.stopped_by or stop() or tell(watch.done, watch.total)
            if by is not None:
                watch.stop(by)
    finally:
        # Only after Ctrl-C, or when telling went wrong, is there anything left to end.
        while working.is_alive():
            watch.stop(watch.stopped_by or "an error")
            working.join(EVERY_S)
    if working.result:
        return working.result[0]
    watch.heed()
    assert working.problem is not None
    raise working.problem
