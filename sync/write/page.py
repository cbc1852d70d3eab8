"""One transaction's worth of pages: landing, mapped rows, quarantine and cursors, all or nothing.

The one place where it is decided what becomes of each record: unchanged, created, updated or quarantined. It opens no
transaction: the caller does, and what this raises rolls back everything it wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from connector.protocol import Page, RawRecord, Reader, Stream
from connector.records import ChangesRecord, ItemRecord, Record
from sync.errors import UnmappableError
from sync.landing.cursors import Step, advance
from sync.landing.missing import TOLD, Missing
from sync.landing.parts import Part
from sync.landing.quarantine import NO_ID, Ward, hash_id
from sync.landing.raw import Hashed, known_hashes, land, landed
from sync.mapping.items import ItemValues, map_item
from sync.progress import StreamCounts
from sync.readers import UNREADABLE, read
from sync.write import plans, structure
from sync.write.claims import claims_of, write_queries
from sync.write.items import write_items
from sync.write.ledger import Ledger

Writer = Callable[[Connection, Ledger, Sequence[Any]], dict[str, str]]
# Streams not named here are landed, and read to see that they can be, but have no rows of their own.
WRITERS: Mapping[Stream, Writer] = {
    Stream.PEOPLE: plans.write_people,
    Stream.TEAMS: plans.write_teams,
    Stream.PROJECTS: structure.write_projects,
    Stream.SPRINTS: plans.write_sprints,
    Stream.MILESTONES: plans.write_milestones,
    Stream.GOALS: plans.write_goals,
    Stream.STATUS_UPDATES: plans.write_status_updates,
    Stream.ALLOCATIONS: plans.write_allocations,
    Stream.TIME_OFF: plans.write_time_off,
    Stream.QUERIES: write_queries,
    Stream.WORKLOGS: plans.write_worklogs,
}


class Arrival(NamedTuple):
    """A page as it came in, with the hash of each record, and the part it belongs to: None for records asked by id."""

    page: Page
    records: tuple[Hashed, ...]
    part: Part | None = None


class Desk(NamedTuple):
    """All a page needs to be written."""

    ledger: Ledger
    ward: Ward
    missing: Missing
    reader: Reader
    run_id: int
    started: datetime


Counts = dict[Stream, StreamCounts]


def write_pages(store: Connection, desk: Desk, arrivals: Sequence[Arrival], now: datetime) -> Counts:
    """Write the pages of one stream and move their cursors. Returns the figures of each stream in them."""
    stream = arrivals[0].page.stream
    told = {ident for arrival in arrivals for ident in arrival.page.gone}
    # Of what never was landed there is nothing to miss.
    desk.missing.observe(store, stream, known_hashes(store, desk.ledger.connection_id, stream, told), now, TOLD)
    sorting = _Sorting(store, desk, [record for arrival in arrivals for record in arrival.records])
    if stream is Stream.ITEMS:
        _items(store, desk, sorting)
    else:
        _others(store, desk, sorting, stream)
    sorting.finish(now)
    steps = [
        Step(page, part.slices, resumable=part.delta is None, resumed=part.position is not None)
        for page, _, part in arrivals
        if part is not None
    ]
    advance(store, desk.ledger.connection_id, desk.run_id, steps, now)
    return sorting.counts


class _Sorting:
    """Sorts the records of some pages into unchanged and fresh, and keeps count of what becomes of the fresh ones."""

    def __init__(self, store: Connection, desk: Desk, records: Sequence[Hashed]) -> None:
        self._store = store
        self._desk = desk
        self.counts: Counts = {}
        self.fresh: dict[Stream, dict[str, Hashed]] = {}
        self.unchanged: dict[Stream, list[str]] = {}
        self.arrived: dict[tuple[Stream, str], Hashed] = {}
        self.known: dict[Stream, dict[str, bytes]] = {}
        self.reasons: dict[tuple[Stream, str], str] = {}
        self._sort(records)

    def _sort(self, records: Sequence[Hashed]) -> None:
        for record in records:
            stream = record.raw.stream
            counts = self.counts.setdefault(stream, StreamCounts())
            counts.fetched += 1
            key = (stream, record.raw.external_id or hash_id(record.hash))
            if key in self.arrived:
                counts.unchanged += 1
            # Of two in one page the later is what the tracker said last.
            self.arrived[key] = record
        by_stream: dict[Stream, list[str]] = {}
        for stream, ident in self.arrived:
            by_stream.setdefault(stream, []).append(ident)
        for stream, ids in by_stream.items():
            known = known_hashes(self._store, self._desk.ledger.connection_id, stream, ids)
            fresh, same = self.fresh.setdefault(stream, {}), self.unchanged.setdefault(stream, [])
            for ident in ids:
                record = self.arrived[stream, ident]
                if not record.raw.external_id:
                    self.reasons[stream, ident] = NO_ID
                if known.get(ident) == record.hash:
                    same.append(ident)
                else:
                    # The hash stays that of what the tracker sent: it is what the next arrival is compared with.
                    fresh[ident] = record._replace(raw=self._desk.ledger.people.pseudonyms.payload(record.raw))
                    self.arrived[stream, ident] = fresh[ident]
            self.known[stream] = known
            self.counts[stream].unchanged += len(same)

    def read(self, raw: RawRecord) -> Record | None:
        """Read a record; None, with the reason noted, when it cannot be read."""
        try:
            return read(self._desk.reader, raw)
        except UNREADABLE as error:
            self.reasons[raw.stream, raw.external_id] = _reason(error)
            return None

    def finish(self, now: datetime) -> None:
        """Land what succeeded, quarantine what did not, let go of what recovered."""
        store, ward, connection_id = self._store, self._desk.ward, self._desk.ledger.connection_id
        for stream, fresh in self.fresh.items():
            counts, known = self.counts[stream], self.known[stream]
            bad = [
                (record, self.reasons[stream, ident])
                for ident, record in fresh.items()
                if (stream, ident) in self.reasons
            ]
            good = {ident: record for ident, record in fresh.items() if (stream, ident) not in self.reasons}
            land(store, connection_id, list(good.values()), now)
            ward.admit(store, bad, now)
            there = [*good, *self.unchanged[stream]]
            ward.release(store, stream, there)
            self._desk.missing.release(store, stream, there)
            counts.quarantined += len(bad)
            updated = sum(ident in known for ident in good)
            counts.updated += updated
            counts.created += len(good) - updated


def _reason(error: Exception) -> str:
    said = " ".join(str(error).split())
    # A reader's own errors are sentences; what Python raises needs its kind to be understood.
    return said if isinstance(error, ValueError) and said else f"{type(error).__name__}: {said}".rstrip(": ")


def _others(store: Connection, desk: Desk, sorting: _Sorting, stream: Stream) -> None:
    readable = []
    for ident, fresh in sorting.fresh.get(stream, {}).items():
        if (stream, ident) not in sorting.reasons:
            record = sorting.read(fresh.raw)
            if record is not None:
                readable.append(record)
    writer = WRITERS.get(stream)
    if writer is not None and readable:
        for ident, reason in writer(store, desk.ledger, readable).items():
            sorting.reasons[stream, ident] = reason


def _items(store: Connection, desk: Desk, sorting: _Sorting) -> None:
    """Items are mapped together with their changes: when only one of the two is fresh, the other comes from landing."""
    fresh_items, fresh_changes = sorting.fresh.get(Stream.ITEMS, {}), sorting.fresh.get(Stream.CHANGES, {})
    wanted = list(dict.fromkeys((*fresh_items, *fresh_changes)))
    pairs = Pairs(
        store, desk.ledger.connection_id, wanted, sorting.arrived, whole=bool(sorting.known.get(Stream.ITEMS))
    )
    mapped, before = [], []
    claims = claims_of(store, desk.ledger, wanted)
    for ident in wanted:
        if (Stream.ITEMS, ident) in sorting.reasons:
            continue
        item, changes = pairs.item(ident), pairs.changes(ident)
        if item is None:
            sorting.reasons[Stream.CHANGES, ident] = "its item has not been read"
            continue
        values = _map(sorting, desk, item, changes, claims.get(ident, ()))
        if values is not None:
            mapped.append(values)
            if ident in fresh_items and ident in sorting.known[Stream.ITEMS]:
                before.append(ident)
    write_items(store, desk.ledger, mapped, _gone_links(store, desk, before, mapped))


class Pairs:
    """Items with their changes, from the page first and from landing else."""

    def __init__(
        self,
        store: Connection,
        connection_id: int,
        wanted: Sequence[str],
        arrived: Mapping[tuple[Stream, str], Hashed],
        *,
        whole: bool,
    ) -> None:
        self._arrived = arrived
        missing = {
            stream: [ident for ident in wanted if (stream, ident) not in arrived]
            for stream in (Stream.ITEMS, Stream.CHANGES)
        }
        if not whole:
            # None of the page's items is landed, so none of their changes is either.
            missing[Stream.CHANGES] = []
        self._landed = {stream: landed(store, connection_id, stream, ids) for stream, ids in missing.items()}

    def item(self, ident: str) -> RawRecord | None:
        """The item's payload."""
        return self._find(Stream.ITEMS, ident)

    def changes(self, ident: str) -> RawRecord | None:
        """Its changes' payload, None where they only ever were part of the item's or the tracker has none."""
        return self._find(Stream.CHANGES, ident)

    def _find(self, stream: Stream, ident: str) -> RawRecord | None:
        found = self._arrived.get((stream, ident))
        return found.raw if found is not None else self._landed[stream].get(ident)


def _map(
    sorting: _Sorting, desk: Desk, item: RawRecord, changes: RawRecord | None, claims: Sequence[str]
) -> ItemValues | None:
    record = sorting.read(item)
    if not isinstance(record, ItemRecord):
        _blame_both(sorting, item, changes)
        return None
    told = record.changes
    if changes is not None:
        history = sorting.read(changes)
        if isinstance(history, ChangesRecord):
            told = fuller(told, history)
        elif item.external_id not in sorting.fresh.get(Stream.ITEMS, {}):
            # The item stays as it was mapped with its earlier history; the new history waits in quarantine.
            return None
        # A new item without its history is still worth having: it is mapped from its dates.
    try:
        return map_item(record, told, desk.ledger.rules, desk.ledger.projects, claims)
    except UnmappableError as error:
        sorting.reasons[Stream.ITEMS, item.external_id] = str(error)
        _blame_both(sorting, item, changes)
        return None


def fuller(embedded: ChangesRecord | None, beside: ChangesRecord) -> ChangesRecord:
    """Of an item's two histories the one to believe.

    The one that came beside it was asked for because the embedded one is cut, even where that claims to be whole. Only
    an embedded one that knows more goes before it: then what came beside it is of an earlier day, and histories grow.
    """
    return embedded if embedded is not None and len(embedded.changes) > len(beside.changes) else beside


def _blame_both(sorting: _Sorting, item: RawRecord, changes: RawRecord | None) -> None:
    """A history without its item has no place: it waits in quarantine with it."""
    reason = sorting.reasons.setdefault((Stream.ITEMS, item.external_id), "the payload is no item")
    if changes is not None and item.external_id in sorting.fresh.get(Stream.CHANGES, {}):
        sorting.reasons[Stream.CHANGES, item.external_id] = f"its item is in quarantine: {reason}"


def _gone_links(store: Connection, desk: Desk, before: Sequence[str], mapped: Sequence[ItemValues]) -> set[str]:
    """The links that changed items had when they were last landed and do not have now."""
    if not before:
        return set()
    gone: set[str] = set()
    now = {values.record.external_id: {link.external_id for link in values.links} for values in mapped}
    for ident, raw in landed(store, desk.ledger.connection_id, Stream.ITEMS, before).items():
        try:
            record = read(desk.reader, raw)
        except UNREADABLE:
            # An older version of the reader took it; what it said of links is no longer known.
            continue
        if isinstance(record, ItemRecord):
            gone.update({link.external_id for link in record.links} - now[ident])
    return gone
