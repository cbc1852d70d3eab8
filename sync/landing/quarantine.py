"""The quarantine: records that could not be read or mapped, with the reason and the payload, until they succeed.

A quarantined payload is not landed, so that the next run meets it as new and tries again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import zstandard
from sqlalchemy import Connection, bindparam, delete, or_, select

from connector.protocol import RawRecord, Stream
from portfolio.model.landing import Quarantine
from portfolio.store.upsert import upsert
from sync.landing.raw import LEVEL, Hashed
from sync.tables import table_of

NO_ID = "the record carries no id"
HASH_ID = "hash:"


def hash_id(found: bytes) -> str:
    """The id under which a record without one is kept."""
    return HASH_ID + found.hex()


class Ward:
    """The quarantine of one connection during one run. Knows who is in it, so that healthy records cost nothing."""

    def __init__(self, store: Connection, connection_id: int, run_id: int | None) -> None:
        self._connection_id = connection_id
        self._run_id = run_id
        query = select(Quarantine.stream, Quarantine.external_id).where(Quarantine.connection_id == connection_id)
        self._inside = set(store.execute(query))

    def holds(self, stream: Stream, ident: str) -> bool:
        """Whether a record waits here."""
        return (stream.value, ident) in self._inside

    def waiting(self, stream: Stream) -> list[str]:
        """The ids of the stream's records in here that have one."""
        return sorted(ident for name, ident in self._inside if name == stream.value and not ident.startswith(HASH_ID))

    def admit(self, store: Connection, cases: Sequence[tuple[Hashed, str]], now: datetime) -> None:
        """Keep these records with their reasons; one that is here already keeps the day it was first seen."""
        compress = zstandard.ZstdCompressor(level=LEVEL).compress
        rows = [
            {
                "connection_id": self._connection_id,
                "stream": raw.stream.value,
                "external_id": raw.external_id or hash_id(found),
                "reason": reason.replace("\x00", ""),
                "payload": compress(raw.payload),
                "first_seen_at": now,
                "last_seen_at": now,
                "run_id": self._run_id,
            }
            for (raw, found, _), reason in cases
        ]
        upsert(
            store,
            table_of(Quarantine),
            rows,
            ["connection_id", "stream", "external_id"],
            ["reason", "payload", "last_seen_at", "run_id"],
        )
        self._inside.update((row["stream"], row["external_id"]) for row in rows)  # type: ignore[misc]  # both are text

    def release(self, store: Connection, stream: Stream, ids: Sequence[str]) -> None:
        """Let go of those of `ids` that are in quarantine."""
        leaving = [ident for ident in ids if (stream.value, ident) in self._inside] if self._inside else []
        if not leaving:
            return
        statement = delete(Quarantine).where(
            Quarantine.connection_id == self._connection_id,
            Quarantine.stream == stream.value,
            Quarantine.external_id == bindparam("ident"),
        )
        store.execute(statement, [{"ident": ident} for ident in leaving])
        self._inside.difference_update((stream.value, ident) for ident in leaving)


def forget_nameless(store: Connection, connection_id: int, stream: Stream, run_id: int) -> None:
    """Let go of the records without an id that this run, which has read the stream whole, did not meet again.

    A record with an id leaves when it succeeds. One without can only succeed as another record, with an id.
    """
    own = (Quarantine.connection_id == connection_id, Quarantine.stream == stream.value)
    unmet = or_(Quarantine.run_id.is_(None), Quarantine.run_id != run_id)
    store.execute(delete(Quarantine).where(*own, Quarantine.external_id.startswith(HASH_ID), unmet))


def quarantined(store: Connection, connection_id: int, stream: Stream) -> list[RawRecord]:
    """The quarantined records of a stream that have an id, to be tried again."""
    expand = zstandard.ZstdDecompressor().decompress
    query = (
        select(Quarantine.external_id, Quarantine.payload)
        .where(Quarantine.connection_id == connection_id, Quarantine.stream == stream.value)
        .order_by(Quarantine.id)
    )
    rows = store.execute(query)
    return [RawRecord(stream, ident, expand(bytes(body))) for ident, body in rows if not ident.startswith(HASH_ID)]
