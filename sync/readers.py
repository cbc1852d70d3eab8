"""Readers of a connection's landed payloads."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from connector.protocol import Reader, Reading, Stream
from connector.records import FieldRecord, FieldRole
from sync.landing.raw import landed_chunks
from sync.mapping.profile import Bindings


def open_reader(
    store: Connection, connection_id: int, tracker: str, address: str, bindings: Bindings, readers: Reading | None
) -> Reader:
    """A reader for the connection's payloads, by its landed field catalogue and the fields its profile binds."""

    def make(fields: Sequence[FieldRecord], ids: Sequence[str]) -> Reader:
        if readers is not None:
            return readers(address, fields, ids)
        # The trackers' own libraries are slow to import and not needed where payloads come from elsewhere.
        from connector import registry

        return registry.open_reader(tracker, address, fields, ids)

    bare = make((), ())
    fields = [bare.read(raw) for chunk in landed_chunks(store, connection_id, Stream.FIELDS) for raw in chunk]
    # What boards estimate in is points, whatever the field is called: the reader is told, to see its changes too.
    roles = dict.fromkeys((*bindings.points, *bindings.points_by_project.values()), FieldRole.POINTS)
    known = [
        msgspec.structs.replace(field, role=field.role or roles.get(field.external_id))
        for field in fields
        if isinstance(field, FieldRecord)
    ]
    return make(known, bindings.wanted())
