"""Reads landed Asana payloads. Pure: no network, no state beyond the field catalogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from connector.asana import documents as d
from connector.asana import reference
from connector.asana.custom_fields import read_field
from connector.asana.stories import read_stories
from connector.asana.task import read_task
from connector.boundary.unreadable import MISREAD, unreadable
from connector.protocol import RawRecord, Stream
from connector.records import FieldRecord, Record, UnreadableError


class AsanaReader:
    """`fields` tells the roles of custom fields; a field it does not know is judged by what the payload tells of it."""

    def __init__(self, address: str, fields: Sequence[FieldRecord], wanted: Sequence[str]) -> None:
        roles = {field.external_id: field.role for field in fields}
        chosen = frozenset(wanted)
        self._stories = msgspec.json.Decoder(list[d.StoryDocument])
        self._roles = roles
        self._readings: dict[Stream, tuple[msgspec.json.Decoder[Any], Callable[[Any], Record]]] = {
            stream: (msgspec.json.Decoder(shape), read) for stream, (shape, read) in _readings(address).items()
        }
        self._readings[Stream.ITEMS] = (
            msgspec.json.Decoder(d.TaskDocument),
            lambda task: read_task(task, address=address, roles=roles, wanted=chosen),
        )

    def read(self, raw: RawRecord) -> Record:
        """The typed record; `UnreadableError` says what is wrong with the payload."""
        try:
            if raw.stream is Stream.CHANGES:
                return read_stories(raw.external_id, self._stories.decode(raw.payload), self._roles)
            if raw.stream not in self._readings:
                raise UnreadableError(f"Asana has no records of the kind {raw.stream}")
            decoder, read = self._readings[raw.stream]
            return read(decoder.decode(raw.payload))
        except MISREAD as raised:
            raise unreadable(f"the record of {raw.stream}", raised) from None


def _readings(address: str) -> dict[Stream, tuple[Any, Callable[[Any], Record]]]:
    return {
        Stream.PEOPLE: (d.UserDocument, reference.read_person),
        Stream.TEAMS: (d.TeamDocument, reference.read_team),
        Stream.FIELDS: (d.FieldDocument, read_field),
        Stream.PROJECTS: (d.ProjectDocument, lambda project: reference.read_project(project, address=address)),
        Stream.SECTIONS: (d.SectionDocument, reference.read_section),
        Stream.PORTFOLIOS: (d.PortfolioDocument, reference.read_portfolio),
        Stream.GOALS: (d.GoalDocument, reference.read_goal),
        Stream.STATUS_UPDATES: (d.StatusDocument, reference.read_status_update),
        Stream.ALLOCATIONS: (d.AllocationDocument, reference.read_allocation),
        Stream.TIME_OFF: (d.TimeOffDocument, reference.read_time_off),
        Stream.WORKLOGS: (d.TimeEntryDocument, reference.read_time_entry),
    }
