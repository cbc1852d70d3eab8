"""Landed payloads: each record's bytes once, compressed, with a hash of them.

An unchanged payload costs one comparison: its hash is asked for with its page's others in one SELECT, and nothing else
happens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import zstandard
from sqlalchemy import Connection, delete, select, update

from connector.protocol import RawRecord, Stream
from portfolio.model.landing import RawRecord as Landed
from portfolio.store.upsert import upsert_values
from sync.tables import table_of

HASH_BYTES = 16
LEVEL = 3
CHUNK = 500

_COLUMNS = ("connection_id", "stream", "external_id", "hash", "payload", "landed_at", "slice", "retired_at")
# What is retired is kept as evidence, and is no more what the tracker says.
_LIVE = Landed.retired_at.is_(None)


class Hashed(NamedTuple):
    """A raw record, the hash of its payload, and the slice it came in."""

    raw: RawRecord
    hash: bytes
    slice: str = ""


def digest(payload: bytes) -> bytes:
    """The hash that tells whether a payload changed."""
    return hashlib.blake2b(payload, digest_size=HASH_BYTES).digest()


def known_hashes(store: Connection, connection_id: int, stream: Stream, ids: Collection[str]) -> dict[str, bytes]:
    """The hashes of those of `ids` that are landed."""
    if not ids:
        return {}
    query = select(Landed.external_id, Landed.hash).where(
        Landed.connection_id == connection_id, Landed.stream == stream.value, Landed.external_id.in_(ids), _LIVE
    )
    return {ident: bytes(found) for ident, found in store.execute(query)}


def land(store: Connection, connection_id: int, records: Sequence[Hashed], now: datetime) -> None:
    """Keep the payloads of these records, in place of earlier ones."""
    compress = zstandard.ZstdCompressor(level=LEVEL).compress
    rows = [
        (connection_id, raw.stream.value, raw.external_id, found, compress(raw.payload), now, part, None)
        for raw, found, part in records
    ]
    upsert_values(store, table_of(Landed), _COLUMNS, rows, _COLUMNS[:3])


def unland(store: Connection, connection_id: int, stream: Stream, ids: Sequence[str]) -> None:
    """Let go of landed payloads."""
    if ids:
        own = (Landed.connection_id == connection_id, Landed.stream == stream.value)
        store.execute(delete(Landed).where(*own, Landed.external_id.in_(ids)))


def retire(store: Connection, connection_id: int, stream: Stream, ids: Sequence[str], now: datetime) -> None:
    """Mark landed payloads as what the tracker no longer has. One that comes back is taken for new."""
    for first in range(0, len(ids), CHUNK):
        own = (Landed.connection_id == connection_id, Landed.stream == stream.value, _LIVE)
        some = ids[first : first + CHUNK]
        store.execute(update(Landed).where(*own, Landed.external_id.in_(some)).values(retired_at=now))


def live_ids(store: Connection, connection_id: int, stream: Stream) -> Iterator[list[tuple[str, str]]]:
    """The ids of all live records of a stream with their slices, some thousand at a time."""
    query = (
        select(Landed.id, Landed.external_id, Landed.slice)
        .where(Landed.connection_id == connection_id, Landed.stream == stream.value, _LIVE)
        .order_by(Landed.id)
        .limit(CHUNK * 4)
    )
    after = 0
    while rows := store.execute(query.where(Landed.id > after)).all():
        yield [(ident, part) for _, ident, part in rows]
        after = rows[-1][0]


def landed(store: Connection, connection_id: int, stream: Stream, ids: Collection[str]) -> dict[str, RawRecord]:
    """The landed records with these ids; those not landed are left out."""
    if not ids:
        return {}
    query = select(Landed.external_id, Landed.payload).where(
        Landed.connection_id == connection_id, Landed.stream == stream.value, Landed.external_id.in_(ids), _LIVE
    )
    expand = zstandard.ZstdDecompressor().decompress
    return {ident: RawRecord(stream, ident, expand(bytes(body))) for ident, body in store.execute(query)}


def landed_chunks(store: Connection, connection_id: int, stream: Stream) -> Iterator[list[RawRecord]]:
    """All landed records of a stream, in the order they were first landed, some hundred at a time."""
    expand = zstandard.ZstdDecompressor().decompress
    query = (
        select(Landed.id, Landed.external_id, Landed.payload)
        .where(Landed.connection_id == connection_id, Landed.stream == stream.value, _LIVE)
        .order_by(Landed.id)
        .limit(CHUNK)
    )
    after = 0
    while rows := store.execute(query.where(Landed.id > after)).all():
        yield [RawRecord(stream, ident, expand(bytes(body))) for _, ident, body in rows]
        after = rows[-1][0]
