"""Fetching: some threads read parts of a stream ahead of the one that writes, through a queue that bounds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from connector.errors import SkipError, StaleMarkError
from connector.protocol import Connector, Stream
from sync.landing.parts import Part
from sync.landing.raw import Hashed, digest
from sync.run.pump import Pipe, pump
from sync.write.page import Arrival

# Enough records for a transaction to be worth its commit, few enough to hold in memory.
BATCH = 300
# Pages that wait for the writing thread; each fetching thread holds one more.
AHEAD = 2


class Skipped(NamedTuple):
    """A part that could not be had, and why. What was read of it before stays."""

    slices: tuple[str, ...]
    error: SkipError


_Pipe = Pipe[Part, Arrival | Skipped]


def fetch(
    connector: Connector, stream: Stream, parts: Sequence[Part], threads: int
) -> Iterator[tuple[list[Arrival], list[Skipped]]]:
    """Yield pages of all parts in batches: what has arrived, up to some hundred records, never waiting for more.

    Pages of one part come in their order; parts come in any. Pages are hashed here, in the fetching threads. A delta
    whose mark is too old is replaced by its slices, whole. A batch is emptied when the next one is asked for. An error
    other than `SkipError` is raised here, after the batch that came before it. Leaving the loop stops the threads.
    """

    def read(part: Part, pipe: _Pipe) -> None:
        try:
            _read(connector, stream, part, pipe)
        except StaleMarkError:
            for name in part.slices:
                pipe.add(Part((name,)))
        except SkipError as error:
            pipe.put(Skipped(part.slices, error))

    for found in pump(parts, read, threads, name=f"fetch-{stream.value}", ahead=AHEAD, most=_enough):
        yield [one for one in found if isinstance(one, Arrival)], [one for one in found if isinstance(one, Skipped)]


def _enough(found: Sequence[Arrival | Skipped]) -> bool:
    return sum(len(one.records) for one in found if isinstance(one, Arrival)) >= BATCH


def _read(connector: Connector, stream: Stream, part: Part, pipe: _Pipe) -> None:
    pages = connector.changes(part.delta) if part.delta else connector.pages(stream, part.slices[0], part.position)
    kept = part.slices[0] if len(part.slices) == 1 else ""
    for page in pages:
        pipe.put(Arrival(page, tuple(Hashed(raw, digest(raw.payload), kept) for raw in page.records), part))
        if pipe.stopped:
            return
