"""Landed Jira payloads to records."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from connector.boundary.unreadable import MISREAD, unreadable
from connector.jira.histories import Changelog, ChangeReading, History
from connector.jira.issues import IssueReading
from connector.jira.reference import REFERENCE
from connector.protocol import RawRecord, Stream
from connector.records import ChangesRecord, FieldRecord, Record, UnreadableError

_CHANGES = msgspec.json.Decoder(list[History] | Changelog)


class JiraReader:
    """Reads payloads of one Jira site, given its field catalogue. Pure, and safe to use from several threads.

    Points are read where their field is wanted; their changes are recognised where the catalogue gives the field the
    role POINTS, which sync may set itself from what boards estimate in.
    """

    def __init__(self, address: str, fields: Sequence[FieldRecord], wanted: Sequence[str]) -> None:
        self._address = address.rstrip("/")
        self._changes = ChangeReading(fields)
        self._issues = IssueReading(address, fields, wanted, self._changes)

    def read(self, raw: RawRecord) -> Record:
        """The typed record of a payload. Raises `UnreadableError`, for the reason a person can act upon."""
        if raw.stream is Stream.ITEMS:
            return self._issues.read(raw.external_id, raw.payload)
        if not raw.external_id:
            raise UnreadableError(f"the record of {raw.stream} has no id")
        try:
            if raw.stream is Stream.CHANGES:
                return self._history(raw)
            read = REFERENCE.get(raw.stream)
            if read is None:
                raise UnreadableError(f"Jira has no stream {raw.stream}")
            return read(self._address, raw.external_id, raw.payload)
        except MISREAD as raised:
            raise unreadable(f"the record of {raw.stream}", raised) from None

    def _history(self, raw: RawRecord) -> ChangesRecord:
        held = _CHANGES.decode(raw.payload)
        if isinstance(held, list):
            return self._changes.read(raw.external_id, held)
        histories = held.histories if held.histories is not None else held.values or []
        complete = held.total is None or held.total <= len(histories)
        return self._changes.read(raw.external_id, histories, complete=complete)
