"""A tracker in memory that knows when its items changed, so that it can be asked for changes and by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from connector.errors import StaleMarkError
from connector.protocol import Absent, Delta, Named, Page, Stream
from tests.sync.fake_connector import FakeConnector, raw

MARKED = (Stream.ITEMS, Stream.WORKLOGS)


class ChangingConnector(FakeConnector):
    """Marks are the number of edits so far. `reach` is the oldest mark it still knows.

    `verdicts` are what it says of items asked for by id, in place of what it has.
    """

    def __init__(self, page_size: int = 2) -> None:
        super().__init__(page_size)
        self.edits = 0
        self.changed: dict[str, int] = {}
        self.reach = 0
        self.asked: list[str] = []
        self.gone: dict[Stream, tuple[str, ...]] = {}
        self.verdicts: dict[str, Absent] = {}

    def edit(self, *records: Any, slice: str = "P1") -> None:
        """Change these items, or add them."""
        for record in records:
            self.edits += 1
            entry = raw(Stream.ITEMS, record)
            self.remove(entry.external_id)
            self.content.setdefault(Stream.ITEMS, {}).setdefault(slice, []).append(entry)
            self.changed[entry.external_id] = self.edits

    def remove(self, *ids: str) -> None:
        for entries in self.content.get(Stream.ITEMS, {}).values():
            entries[:] = [entry for entry in entries if entry.external_id not in ids]

    def pages(self, stream: Stream, slice: str = "", position: str | None = None) -> Iterator[Page]:
        self.asked.append(f"{stream.value}:{slice}:{position or ''}")
        mark = str(self.edits) if stream in MARKED else None
        for page in super().pages(stream, slice, position):
            yield msgspec.structs.replace(page, mark=mark)

    def deltas(self, stream: Stream, marks: Mapping[str, str]) -> tuple[Delta, ...]:
        if stream not in MARKED or not marks:
            return ()
        return (Delta(stream, tuple(marks), min(marks.values(), key=int), tells_gone=stream is Stream.WORKLOGS),)

    def changes(self, delta: Delta) -> Iterator[Page]:
        self.asked.append(f"changes:{','.join(delta.slices)}:{delta.since}")
        if int(delta.since) < self.reach:
            raise StaleMarkError("The tracker does not reach back so far.")
        fresh = tuple(
            entry
            for name in delta.slices
            for entry in self.content[delta.stream].get(name, [])
            if self.changed.get(entry.external_id, 0) > int(delta.since)
        )
        yield Page(delta.stream, delta.slices[0], fresh, mark=str(self.edits), gone=self.gone.get(delta.stream, ()))

    def named(self, ids: Sequence[str]) -> Named:
        found = super().named([ident for ident in ids if ident not in self.verdicts])
        said = tuple(self.verdicts[ident] for ident in ids if ident in self.verdicts)
        return msgspec.structs.replace(found, absent=(*found.absent, *said))
