"""Trying quarantined records again, from their kept payloads. The tracker is not asked.

For after a mapping was corrected or Sightline learned to read what it could not. Some hundred records are one
transaction, in which the connection is held: a run that is under way is never disturbed, and what was done before one
began is kept. No cursor moves, and the tracker counts as heard no later than before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

import zstandard
from sqlalchemy import Connection, Engine, bindparam, select, update

from connector.protocol import Page, RawRecord, Reading, Stream
from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.figures.rollup import roll_up
from portfolio.model.landing import Absence, Quarantine
from portfolio.store.engine import reading, writing
from sync.connections import ConnectionRow, get_connection
from sync.landing.missing import Missing
from sync.landing.quarantine import HASH_ID, Ward
from sync.landing.raw import CHUNK, Hashed, digest
from sync.mapping.defaults import References, default_profile
from sync.mapping.rules import Rules
from sync.profiles import Version, latest
from sync.readers import open_reader
from sync.run.lease import Lease
from sync.run.remap import remap_answered, settle_all
from sync.tables import table_of
from sync.write import unmapped
from sync.write.ledger import Ledger
from sync.write.page import Arrival, Desk, write_pages

# Runs count from 1: this is the lease of nobody's run, and it ends with the transaction it began in.
_NO_RUN = 0
# An item and its history are mapped together.
_TOGETHER = (Stream.ITEMS, Stream.CHANGES)


class Retried(NamedTuple):
    """How many records were tried, how many of them are out of quarantine, and how many could not be tried.

    Left out are those without an id, which only the tracker can send anew, and those that it does not have any more.
    """

    tried: int = 0
    recovered: int = 0
    left_out: int = 0


class _Waiting(NamedTuple):
    """One record in quarantine, without its payload."""

    id: int
    stream: Stream
    external_id: str
    last_seen_at: datetime
    run_id: int | None


def retry(
    engine: Engine,
    connection_id: int,
    *,
    reason: str | None = None,
    held_id: int | None = None,
    clock: Callable[[], datetime],
    by: Actor,
    time_zone: str = "UTC",
    readers: Reading | None = None,
) -> Retried:
    """Try the connection's quarantined records of one reason again, or one record, or all of them.

    Raises `BusyError` while a run of the connection is under way, `UnknownConnectionError`, `StoreError`.
    """
    row = get_connection(engine, connection_id)
    with reading(engine) as store:
        waiting = _waiting(store, connection_id, reason, held_id)
        able = _able(store, connection_id, waiting)
    recovered = 0
    for group in _groups(able):
        for first in range(0, len(group), CHUNK):
            with writing(engine) as store:
                some, now = group[first : first + CHUNK], clock()
                done = _try(store, row, some, now, time_zone, readers)
                new = {"stream": some[0].stream.value, "tried": len(some), "recovered": done}
                append(store, now, by, "quarantine.retried", Subject("connection", connection_id), new=new)
                recovered += done
    return Retried(len(able), recovered, len(waiting) - len(able))


def _waiting(store: Connection, connection_id: int, reason: str | None, held_id: int | None) -> list[_Waiting]:
    query = select(
        Quarantine.id, Quarantine.stream, Quarantine.external_id, Quarantine.last_seen_at, Quarantine.run_id
    ).where(Quarantine.connection_id == connection_id)
    if reason is not None:
        query = query.where(Quarantine.reason == reason)
    if held_id is not None:
        query = query.where(Quarantine.id == held_id)
    return [
        _Waiting(ident, Stream(stream), external_id, seen, run_id)
        for ident, stream, external_id, seen, run_id in store.execute(query.order_by(Quarantine.id))
    ]


def _able(store: Connection, connection_id: int, waiting: Iterable[_Waiting]) -> list[_Waiting]:
    query = select(Absence.stream, Absence.external_id).where(Absence.connection_id == connection_id)
    gone = {(stream, ident) for stream, ident in store.execute(query)}
    return [
        each
        for each in waiting
        if not each.external_id.startswith(HASH_ID) and (each.stream.value, each.external_id) not in gone
    ]


def _groups(waiting: Sequence[_Waiting]) -> list[list[_Waiting]]:
    """What can be written together, in the order in which streams are landed."""
    kinds: list[tuple[Stream, ...]] = [(stream,) for stream in Stream if stream not in _TOGETHER]
    groups = ([each for each in waiting if each.stream in kind] for kind in [*kinds, _TOGETHER])
    return [group for group in groups if group]


def _try(
    store: Connection,
    row: ConnectionRow,
    waiting: Sequence[_Waiting],
    now: datetime,
    time_zone: str,
    readers: Reading | None,
) -> int:
    lease = Lease(row.id, row.name, _NO_RUN)
    lease.acquire(store, now)
    desk = _desk(store, row, now, time_zone, readers)
    records = tuple(Hashed(raw, digest(raw.payload)) for raw in _payloads(store, waiting))
    if records:
        # Who was let go of by a run meanwhile has no payload any more, and is not tried.
        stream = Stream.ITEMS if waiting[0].stream in _TOGETHER else waiting[0].stream
        write_pages(store, desk, [Arrival(Page(stream, "", tuple(record.raw for record in records)), records)], now)
        remap_answered(store, desk)
        unmapped.report(store, desk.ledger)
        if desk.ledger.unsettled:
            settle_all(store, desk)
        here = now.astimezone(desk.ledger.rules.zone)
        ids = None if desk.ledger.everywhere else sorted(desk.ledger.touched)
        roll_up(store, as_of=here.date(), now=here, project_ids=ids)
    left = _still_there(store, waiting)
    lease.release(store)
    return len(waiting) - left


def _desk(store: Connection, row: ConnectionRow, now: datetime, time_zone: str, readers: Reading | None) -> Desk:
    version = latest(store, row.id) or Version(1, default_profile(References()))
    ledger = Ledger(store, row.id, Rules(version.profile, time_zone), version.number, now)
    reader = open_reader(store, row.id, row.tracker, row.address, version.profile.bindings, readers)
    return Desk(ledger, Ward(store, row.id, None), Missing(store, row.id, None), reader, _NO_RUN, now)


def _payloads(store: Connection, waiting: Sequence[_Waiting]) -> list[RawRecord]:
    expand = zstandard.ZstdDecompressor().decompress
    query = select(Quarantine.stream, Quarantine.external_id, Quarantine.payload).where(
        Quarantine.id.in_([each.id for each in waiting])
    )
    found = []
    for stream, ident, body in store.execute(query.order_by(Quarantine.id)):
        # What cannot even be unpacked stays where it is.
        with suppress(zstandard.ZstdError):
            found.append(RawRecord(Stream(stream), ident, expand(bytes(body))))
    return found


def _still_there(store: Connection, waiting: Sequence[_Waiting]) -> int:
    """How many did not recover. They keep when the tracker last sent them, and with which run."""
    ids = set(store.scalars(select(Quarantine.id).where(Quarantine.id.in_([each.id for each in waiting]))))
    held = table_of(Quarantine)
    statement = (
        update(held).where(held.c.id == bindparam("held")).values(last_seen_at=bindparam("at"), run_id=bindparam("run"))
    )
    kept = [{"held": each.id, "at": each.last_seen_at, "run": each.run_id} for each in waiting if each.id in ids]
    if kept:
        store.execute(statement, kept)
    return len(kept)
