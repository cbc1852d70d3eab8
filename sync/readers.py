"""Readers of a connection's payloads, and reading with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

import msgspec
from sqlalchemy import Connection

from connector.protocol import RawRecord, Reader, Reading, Stream
from connector.records import FieldRecord, FieldRole, Record
from sync.landing.raw import landed_chunks
from sync.mapping.profile import Bindings

# What a reader raises on a payload that is not what it should be. Anything else is a defect.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)

_NUL = b"\\u0000"


def open_reader(
    store: Connection,
    connection_id: int,
    tracker: str,
    address: str,
    bindings: Bindings,
    readers: Reading | None,
    *,
    wanted: Sequence[str] = (),
) -> Reader:
    """A reader for the connection's payloads, by its landed field catalogue and the fields its profile binds.

    `wanted` are ids of further fields to read.
    """

    def make(fields: Sequence[FieldRecord], ids: Sequence[str]) -> Reader:
        if readers is not None:
            return readers(address, fields, ids)
        # The trackers' own libraries are slow to import and not needed where payloads come from elsewhere.
        from connector import registry

        return registry.open_reader(tracker, address, fields, ids)

    bare = make((), ())
    fields = [
        record for chunk in landed_chunks(store, connection_id, Stream.FIELDS) for record in readable(bare, chunk)
    ]
    # What boards or people say a field is, it is whatever it is called: the reader is told, to see its changes too.
    points = (*bindings.points, *bindings.points_by_project.values(), *bindings.said.get("points", ()))
    roles = dict.fromkeys(points, FieldRole.POINTS) | dict.fromkeys(bindings.said.get("status", ()), FieldRole.STATUS)
    known = [
        msgspec.structs.replace(field, role=field.role or roles.get(field.external_id))
        for field in fields
        if isinstance(field, FieldRecord)
    ]
    return make(known, tuple(dict.fromkeys((*bindings.wanted(), *wanted))))


def read(reader: Reader, raw: RawRecord) -> Record:
    """Read a payload into a record no database refuses: PostgreSQL takes no NUL character, so texts lose theirs."""
    record = reader.read(raw)
    # JSON can only spell it as an escape, and looking for that costs next to nothing.
    return (
        record if _NUL not in raw.payload else msgspec.convert(_without_nul(msgspec.to_builtins(record)), type(record))
    )


def readable(reader: Reader, raws: Iterable[RawRecord]) -> list[Record]:
    """Those of landed payloads that can be read. A reader of an earlier day may have taken what this one refuses."""
    found = []
    for raw in raws:
        with suppress(*UNREADABLE):
            found.append(read(reader, raw))
    return found


def _without_nul(value: object) -> object:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {key: _without_nul(part) for key, part in value.items()}
    return [_without_nul(part) for part in value] if isinstance(value, list | tuple) else value
