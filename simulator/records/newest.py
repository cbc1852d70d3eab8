"""Which of several recordings of one document is the newest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from simulator.records.sighting import Document, Sighting

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def moment(value: Any) -> datetime:
    """An instant in any spelling trackers use; the beginning of time for what is none."""
    if isinstance(value, str):
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            return _LONG_AGO
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    return _LONG_AGO


def age_of(sighting: Sighting) -> tuple[datetime, datetime]:
    """Orders sightings of one document: by its own last change, then by the time of recording."""
    document = sighting.document
    fields = document.get("fields")
    own = fields.get("updated") if isinstance(fields, dict) else None
    own = own or document.get("updated") or document.get("modified_at")
    return moment(own), moment(sighting.seen)


class Newest:
    """Keeps the newest sighting of each document by its identity. The first wins among equals."""

    def __init__(self) -> None:
        self.kept: dict[str, Sighting] = {}
        self.superseded = 0

    def add(self, identity: str, sighting: Sighting) -> None:
        before = self.kept.get(identity)
        if before is None:
            self.kept[identity] = sighting
            return
        self.superseded += 1
        if age_of(sighting) > age_of(before):
            self.kept[identity] = sighting

    def documents(self) -> dict[str, Document]:
        return {identity: sighting.document for identity, sighting in self.kept.items()}
