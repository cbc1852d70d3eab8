"""A connector in memory, at the seam: payloads are the records themselves as JSON.

What it serves can be changed between runs; what goes wrong is put in beforehand.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from connector.protocol import Absent, Delta, Named, Page, Probe, RawRecord, Reader, Roll, Stream, Verdict
from connector.records import (
    AllocationRecord,
    BoardRecord,
    ChangesRecord,
    ComponentRecord,
    FieldRecord,
    GoalRecord,
    ItemRecord,
    KindRecord,
    LinkTypeRecord,
    MilestoneRecord,
    PersonRecord,
    PortfolioRecord,
    ProjectRecord,
    QueryRecord,
    Record,
    SectionRecord,
    SprintRecord,
    StatusRecord,
    StatusUpdateRecord,
    TeamRecord,
    TimeOffRecord,
    UnreadableError,
    WorklogRecord,
)

KINDS: dict[Stream, type[msgspec.Struct]] = {
    Stream.PEOPLE: PersonRecord,
    Stream.TEAMS: TeamRecord,
    Stream.FIELDS: FieldRecord,
    Stream.STATUSES: StatusRecord,
    Stream.KINDS: KindRecord,
    Stream.LINK_TYPES: LinkTypeRecord,
    Stream.PROJECTS: ProjectRecord,
    Stream.SECTIONS: SectionRecord,
    Stream.BOARDS: BoardRecord,
    Stream.SPRINTS: SprintRecord,
    Stream.MILESTONES: MilestoneRecord,
    Stream.COMPONENTS: ComponentRecord,
    Stream.QUERIES: QueryRecord,
    Stream.PORTFOLIOS: PortfolioRecord,
    Stream.GOALS: GoalRecord,
    Stream.STATUS_UPDATES: StatusUpdateRecord,
    Stream.ALLOCATIONS: AllocationRecord,
    Stream.TIME_OFF: TimeOffRecord,
    Stream.ITEMS: ItemRecord,
    Stream.CHANGES: ChangesRecord,
    Stream.WORKLOGS: WorklogRecord,
}


class FakeReader:
    """Reads what `FakeConnector` serves. The decoders are made once: they are the reader's whole cost."""

    def __init__(self) -> None:
        self._decoders = {stream: msgspec.json.Decoder(kind) for stream, kind in KINDS.items()}

    def read(self, raw: RawRecord) -> Record:
        try:
            return self._decoders[raw.stream].decode(raw.payload)  # type: ignore[return-value]
        except msgspec.MsgspecError as error:
            raise UnreadableError(str(error)) from error


def readers(address: str, fields: Sequence[FieldRecord], wanted: Sequence[str]) -> Reader:
    return FakeReader()


def raw(stream: Stream, record: Any) -> RawRecord:
    """A record as the fake tracker would send it."""
    ident = record.item_id if isinstance(record, ChangesRecord) else record.external_id
    return RawRecord(stream, ident, msgspec.json.encode(record))


class FakeConnector:
    """Serves `content[stream][slice]`, a list of raw records, `page_size` at a time.

    `trouble[stream, slice]` is (after how many pages, the error to raise).
    """

    def __init__(self, page_size: int = 2) -> None:
        self.page_size = page_size
        self.content: dict[Stream, dict[str, list[RawRecord]]] = {}
        self.trouble: dict[tuple[Stream, str], tuple[int, BaseException]] = {}
        self.lock = threading.Lock()
        self.closed = False

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.lock = threading.Lock()

    def put(self, stream: Stream, *records: Any, slice: str = "") -> FakeConnector:
        """Serve these records, after those already there; raw ones as they are."""
        entries = [r if isinstance(r, RawRecord) else raw(stream, r) for r in records]
        self.content.setdefault(stream, {}).setdefault(slice, []).extend(entries)
        return self

    def replace(self, stream: Stream, *records: Any, slice: str = "") -> FakeConnector:
        """Serve these records in place of those with the same ids."""
        entries = {
            (e.stream, e.external_id): e for e in (r if isinstance(r, RawRecord) else raw(stream, r) for r in records)
        }
        there = self.content[stream][slice]
        there[:] = [entries.get((e.stream, e.external_id), e) for e in there]
        return self

    def probe(self) -> Probe:
        raise NotImplementedError("no test asks who the fake is")

    def streams(self) -> tuple[Stream, ...]:
        return tuple(stream for stream in Stream if stream in self.content or any(s is stream for s, _ in self.trouble))

    def slices(self, stream: Stream) -> tuple[str, ...]:
        return tuple(self.content.get(stream, {})) or ("",)

    def pages(self, stream: Stream, slice: str = "", position: str | None = None) -> Iterator[Page]:
        limit, error = self.trouble.get((stream, slice), (10**9, None))
        with self.lock:
            records = list(self.content.get(stream, {}).get(slice, []))
        begin, number = int(position or 0), 0
        while True:
            if number >= limit and error is not None:
                raise error
            end = begin + self.page_size
            yield Page(stream, slice, tuple(records[begin:end]), str(end) if end < len(records) else None)
            begin, number = end, number + 1
            if begin >= len(records):
                if number >= limit and error is not None:
                    raise error
                return

    def deltas(self, stream: Stream, marks: Mapping[str, str]) -> tuple[Delta, ...]:
        return ()

    def changes(self, delta: Delta) -> Iterator[Page]:
        raise NotImplementedError

    def census(self, slice: str) -> Iterator[Roll]:
        ids = [entry.external_id for entry in self.content[Stream.ITEMS][slice] if entry.stream is Stream.ITEMS]
        yield Roll(slice, tuple((ident, None) for ident in ids), len(ids))

    def named(self, ids: Sequence[str]) -> Named:
        there = [e for slice in self.content.get(Stream.ITEMS, {}).values() for e in slice if e.external_id in set(ids)]
        gone = set(ids) - {entry.external_id for entry in there}
        return Named(tuple(there), tuple(Absent(ident, Verdict.DELETED, "Gone.") for ident in sorted(gone)))

    def close(self) -> None:
        self.closed = True
