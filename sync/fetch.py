"""Fetching: some threads read slices ahead of the one that writes, through a queue that bounds them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from connector.errors import SkipError
from connector.protocol import Connector, Stream
from sync.landing.raw import Hashed, digest
from sync.write.page import Arrival

# Enough records for a transaction to be worth its commit, few enough to hold in memory.
BATCH = 300
# Pages that wait for the writing thread; each fetching thread holds one more.
AHEAD = 2
PATIENCE_S = 0.2


class Skipped(NamedTuple):
    """A slice that could not be had, and why. What was read of it before stays."""

    slice: str
    error: SkipError


class _Broken(NamedTuple):
    error: BaseException


class _Over(NamedTuple):
    """A thread has no more slices."""


_Entry = Arrival | Skipped | _Broken | _Over


def fetch(
    connector: Connector, stream: Stream, slices: Sequence[str], threads: int
) -> Iterator[tuple[list[Arrival], list[Skipped]]]:
    """Yield pages of all slices in batches: what has arrived, up to some hundred records, never waiting for more.

    Pages of one slice come in their order; slices come in any. Pages are hashed here, in the fetching threads. A batch
    is emptied when the next one is asked for. An error other than `SkipError` is raised here, after the batch that came
    before it. Leaving the loop stops the threads.
    """
    todo = iter(slices)
    pipe = _Pipe(queue.Queue(maxsize=AHEAD), threading.Event(), threading.Lock())
    running = min(threads, max(1, len(slices)))
    for number in range(running):
        name = f"fetch-{stream.value}-{number}"
        threading.Thread(target=_work, args=(connector, stream, todo, pipe), name=name, daemon=True).start()
    try:
        yield from _batches(pipe.queue, running)
    finally:
        pipe.stop.set()


class _Pipe(NamedTuple):
    queue: queue.Queue[_Entry]
    stop: threading.Event
    lock: threading.Lock

    def put(self, entry: _Entry) -> None:
        """Wait for room, unless nobody reads any more."""
        while not self.stop.is_set():
            try:
                self.queue.put(entry, timeout=PATIENCE_S)
            except queue.Full:
                continue
            return


def _work(connector: Connector, stream: Stream, todo: Iterator[str], pipe: _Pipe) -> None:
    try:
        while not pipe.stop.is_set():
            with pipe.lock:
                name = next(todo, None)
            if name is None:
                break
            _read_slice(connector, stream, name, pipe)
    except BaseException as error:  # noqa: BLE001 - handed to the writing thread, which raises it
        pipe.put(_Broken(error))
    else:
        pipe.put(_Over())


def _read_slice(connector: Connector, stream: Stream, name: str, pipe: _Pipe) -> None:
    try:
        for page in connector.pages(stream, name):
            pipe.put(Arrival(page, tuple(Hashed(raw, digest(raw.payload)) for raw in page.records)))
            if pipe.stop.is_set():
                return
    except SkipError as error:
        pipe.put(Skipped(name, error))


def _batches(arrivals: queue.Queue[_Entry], running: int) -> Iterator[tuple[list[Arrival], list[Skipped]]]:
    while running:
        pages: list[Arrival] = []
        skipped: list[Skipped] = []
        broken: BaseException | None = None
        entry: _Entry | None = arrivals.get()
        records = 0
        while entry is not None:
            if isinstance(entry, Arrival):
                pages.append(entry)
                records += len(entry.records)
            elif isinstance(entry, Skipped):
                skipped.append(entry)
            elif isinstance(entry, _Broken):
                broken = entry.error
            else:
                running -= 1
            entry = None
            if records < BATCH and running and broken is None:
                try:
                    entry = arrivals.get_nowait()
                except queue.Empty:
                    entry = None
        if pages or skipped:
            yield pages, skipped
        # The pages are written: they make room before the next ones are taken up.
        pages.clear()
        entry = None
        if broken is not None:
            raise broken
