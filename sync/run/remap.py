"""Mapping again what is landed, with another profile. The tracker is not asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

from sqlalchemy import Connection

from connector.protocol import RawRecord, Reader, Stream
from connector.records import ChangesRecord, ItemRecord
from sync.errors import UnmappableError
from sync.landing.raw import CHUNK, Hashed, digest, landed, landed_chunks, unland
from sync.mapping.items import ItemValues, map_item
from sync.readers import UNREADABLE, read, readable
from sync.run.access import Access
from sync.run.feeding import feed_landed, place_landed, tell_epics
from sync.write import unmapped
from sync.write.awaited import answered
from sync.write.claims import claims_of, settle_claims
from sync.write.items import bring_up, write_items
from sync.write.ledger import Ledger
from sync.write.page import WRITERS, Desk, fuller
from sync.write.settle import settle
from sync.write.structure import latest_reports

# What is mapped again before items are: it belongs to projects as they are fed, or has days of the time zone.
BEFORE_ITEMS = (Stream.SPRINTS, Stream.MILESTONES, Stream.STATUS_UPDATES, Stream.GOALS, Stream.ALLOCATIONS)

Transaction = Callable[[], AbstractContextManager[Connection]]


class Remapped(NamedTuple):
    """How many items were mapped again, how many the profile has no place for, and how many came out as they were."""

    items: int = 0
    quarantined: int = 0
    unchanged: int = 0

    def plus(self, other: Remapped) -> Remapped:
        """Both together."""
        return Remapped(*(one + another for one, another in zip(self, other, strict=True)))


def remap_landed(
    access: Access, desk: Desk, transaction: Transaction, after: Callable[[Remapped], None] | None = None
) -> Remapped:
    """Map all landed records with the ledger's profile, some hundred in a `transaction`. The caller settles.

    After each of them `after` is told what it did; what it raises ends the mapping, and what was committed is kept.
    """
    ledger, reader = desk.ledger, desk.reader
    with transaction() as store:
        remap_projects(store, ledger, reader)
    total = Remapped()
    with access.reading() as source:
        for chunk in landed_chunks(source, ledger.connection_id, Stream.ITEMS):
            told = landed(source, ledger.connection_id, Stream.CHANGES, [raw.external_id for raw in chunk])
            with transaction() as store:
                done = _map_again(store, desk, chunk, told)
            total = total.plus(done)
            if after is not None:
                after(done)
    with transaction() as store:
        bring_up(store, ledger)
    return total


def remap_projects(store: Connection, ledger: Ledger, reader: Reader) -> None:
    """Map all that is landed of projects and sprints, before items are mapped."""
    unmapped.forget(store, ledger.connection_id)
    feed_landed(store, ledger, reader)
    # All are mapped with the claims that hold under these rules: none need be mapped twice.
    settle_claims(store, ledger, reader)
    for stream in BEFORE_ITEMS:
        for chunk in landed_chunks(store, ledger.connection_id, stream):
            WRITERS[stream](store, ledger, readable(reader, chunk))
    latest_reports(store, ledger)
    place_landed(store, ledger, reader)


def remap_answered(store: Connection, desk: Desk) -> Remapped:
    """Map the landed items again that named a project or sprint in vain which is known by now. The caller settles."""
    return _map_these(store, desk, answered(store, desk.ledger.connection_id))


def settle_all(store: Connection, desk: Desk) -> None:
    """Bring the connection's items into their final relations, those included that decide where they count."""
    ledger = desk.ledger
    settle(store, ledger)
    claimed = settle_claims(store, ledger, desk.reader)
    if claimed:
        _map_these(store, desk, claimed)
        settle(store, ledger)
    tell_epics(store, ledger)


def _map_these(store: Connection, desk: Desk, idents: Sequence[str]) -> Remapped:
    ledger = desk.ledger
    total = Remapped()
    for first in range(0, len(idents), CHUNK):
        ids = idents[first : first + CHUNK]
        raws, told = (landed(store, ledger.connection_id, part, ids) for part in (Stream.ITEMS, Stream.CHANGES))
        done = _map_again(store, desk, list(raws.values()), told)
        total = total.plus(done)
    return total


def _map_again(store: Connection, desk: Desk, raws: Sequence[RawRecord], told: Mapping[str, RawRecord]) -> Remapped:
    ledger, ward, reader = desk.ledger, desk.ward, desk.reader
    mapped, bad = [], []
    claims = claims_of(store, ledger, [raw.external_id for raw in raws])
    for raw in raws:
        values = _map(reader, raw, told.get(raw.external_id), ledger, claims.get(raw.external_id, ()))
        if isinstance(values, ItemValues):
            mapped.append(values)
        else:
            bad.append((Hashed(raw, digest(raw.payload)), values))
    written = write_items(store, ledger, mapped, again=True)
    # What is in quarantine is not landed: the next run meets it as new and tries again.
    unland(store, ledger.connection_id, Stream.ITEMS, [record.raw.external_id for record, _ in bad])
    ward.admit(store, bad, ledger.now)
    ward.release(store, Stream.ITEMS, [values.record.external_id for values in mapped])
    unmapped.report(store, ledger)
    return Remapped(len(mapped), len(bad), len(mapped) - written)


def _map(
    reader: Reader, item: RawRecord, changes: RawRecord | None, ledger: Ledger, claims: Sequence[str]
) -> ItemValues | str:
    """The mapped item, or the reason why it cannot be mapped."""
    try:
        record = read(reader, item)
        if not isinstance(record, ItemRecord):
            return "the payload is no item"
        told = record.changes
        for history in readable(reader, [changes] if changes is not None else []):
            told = fuller(told, history) if isinstance(history, ChangesRecord) else told
        return map_item(record, told, ledger.rules, ledger.projects, claims)
    except (UnmappableError, *UNREADABLE) as error:
        return " ".join(str(error).split()) or type(error).__name__
