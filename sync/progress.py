"""How a run tells what it is doing, while it does it."""

from __future__ import annotations

from typing import Protocol

import msgspec

from connector.protocol import Stream


class StreamCounts(msgspec.Struct):
    """What became of the records of one stream: fetched = unchanged + created + updated + quarantined.

    `retired` are records that are there no more. `slices` is how many parts of the stream the run reads, `slices_done`
    how many it has read to their end. `note` says in words what could not be read (a skipped slice) or placed, None
    when the stream is whole.
    """

    fetched: int = 0
    unchanged: int = 0
    created: int = 0
    updated: int = 0
    quarantined: int = 0
    retired: int = 0
    slices: int = 0
    slices_done: int = 0
    note: str | None = None

    def add(self, other: StreamCounts) -> None:
        """Add the figures of one page."""
        self.fetched += other.fetched
        self.unchanged += other.unchanged
        self.created += other.created
        self.updated += other.updated
        self.quarantined += other.quarantined
        self.retired += other.retired
        self.slices += other.slices
        self.slices_done += other.slices_done


class Progress(Protocol):
    """Told what happens, in the thread that writes. Must not raise."""

    def started(self, stream: Stream, slices: int) -> None:
        """A stream of so many slices begins."""
        ...

    def page(self, stream: Stream, counts: StreamCounts) -> None:
        """Pages were committed; `counts` are the stream's figures so far."""
        ...

    def finished(self, stream: Stream) -> None:
        """The stream is at its end."""
        ...


class Silent:
    """Tells nobody."""

    def started(self, stream: Stream, slices: int) -> None:
        return None

    def page(self, stream: Stream, counts: StreamCounts) -> None:
        return None

    def finished(self, stream: Stream) -> None:
        return None
