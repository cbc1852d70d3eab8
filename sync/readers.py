"""Readers of a connection's landed payloads."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from connector.protocol import Reader, Reading, Stream
from connector.records import FieldRecord
from sync.landing.raw import landed_chunks


def open_reader(
    store: Connection, connection_id: int, tracker: str, address: str, wanted: Sequence[str], readers: Reading | None
) -> Reader:
    """A reader for the connection's payloads, by its landed field catalogue."""

    def make(fields: Sequence[FieldRecord], ids: Sequence[str]) -> Reader:
        if readers is not None:
            return readers(address, fields, ids)
        # The trackers' own libraries are slow to import and not needed where payloads come from elsewhere.
        from connector import registry

        return registry.open_reader(tracker, address, fields, ids)

    bare = make((), ())
    fields = [bare.read(raw) for chunk in landed_chunks(store, connection_id, Stream.FIELDS) for raw in chunk]
    return make([field for field in fields if isinstance(field, FieldRecord)], wanted)
