"""Some threads take up jobs and put what they find into a bounded queue, from which one thread takes it."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from typing import Generic, NamedTuple, TypeVar

Job = TypeVar("Job")
Found = TypeVar("Found")

PATIENCE_S = 0.2


class _Broken(NamedTuple):
    error: BaseException


class _Over(NamedTuple):
    """A thread has no more jobs."""


class Pipe(Generic[Job, Found]):
    """What a job is given: where to put what it finds, and where to leave further jobs."""

    def __init__(self, jobs: Sequence[Job], ahead: int) -> None:
        self.queue: queue.Queue[Found | _Broken | _Over] = queue.Queue(maxsize=ahead)
        self._jobs = deque(jobs)
        self._stop = threading.Event()

    @property
    def stopped(self) -> bool:
        """Whether nobody reads any more."""
        return self._stop.is_set()

    def stop(self) -> None:
        self._stop.set()

    def put(self, found: Found | _Broken | _Over) -> None:
        """Wait for room, unless nobody reads any more."""
        while not self.stopped:
            try:
                self.queue.put(found, timeout=PATIENCE_S)
            except queue.Full:
                continue
            return

    def add(self, job: Job) -> None:
        """Leave a job for whoever comes next; the one who leaves it comes again itself."""
        self._jobs.append(job)

    def next(self) -> Job | None:
        try:
            return self._jobs.popleft()
        except IndexError:
            return None


def pump(
    jobs: Sequence[Job],
    work: Callable[[Job, Pipe[Job, Found]], None],
    threads: int,
    *,
    name: str,
    ahead: int,
    most: Callable[[Sequence[Found]], bool],
) -> Iterator[list[Found]]:
    """Yield what has arrived, never waiting for more than one; `most` says when a list is long enough.

    What a job raises is raised here, after what came before it. A list is emptied when the next one is asked for.
    Leaving the loop stops the threads.
    """
    pipe: Pipe[Job, Found] = Pipe(jobs, ahead)
    running = min(threads, max(1, len(jobs)))
    for number in range(running):
        threading.Thread(
            target=copy_context().run, args=(_run, pipe, work), name=f"{name}-{number}", daemon=True
        ).start()
    try:
        yield from _lists(pipe, running, most)
    finally:
        pipe.stop()


def _run(pipe: Pipe[Job, Found], work: Callable[[Job, Pipe[Job, Found]], None]) -> None:
    try:
        while not pipe.stopped and (job := pipe.next()) is not None:
            work(job, pipe)
    except BaseException as error:  # noqa: BLE001 - handed to the reading thread, which raises it
        pipe.put(_Broken(error))
    else:
        pipe.put(_Over())


def _lists(pipe: Pipe[Job, Found], running: int, most: Callable[[Sequence[Found]], bool]) -> Iterator[list[Found]]:
    while running:
        found: list[Found] = []
        broken: BaseException | None = None
        entry: Found | _Broken | _Over | None = pipe.queue.get()
        while entry is not None:
            if isinstance(entry, _Broken):
                broken = entry.error
            elif isinstance(entry, _Over):
                running -= 1
            else:
                found.append(entry)
            entry = None
            if running and broken is None and not most(found):
                try:
                    entry = pipe.queue.get_nowait()
                except queue.Empty:
                    entry = None
        if found:
            yield found
        # What was found has been dealt with: it makes room before more is taken up.
        found.clear()
        entry = None
        if broken is not None:
            raise broken
