"""What the tracker itself says of an item, in its own words, as far as it bears on what changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection, select

from connector.protocol import Stream
from connector.records import FieldRecord, FieldValue, ItemRecord
from portfolio.model.structure import ProjectRef
from sync.landing.raw import landed, landed_chunks
from sync.preview.result import Said
from sync.readers import readable
from sync.write.page import Desk

LONGEST = 200
# What people let fields carry.
_FROM_FIELDS = {"kind", "category", "flow", "dates", "estimate", "points", "role", "assignees", "attributes"}


def told_of(
    store: Connection, desks: Mapping[int, Desk], items: Mapping[int, tuple[int, str, Collection[str]]]
) -> dict[int, tuple[Said, ...]]:
    """Item -> its tracker's words. `items`: item -> connection, the tracker's id, and the aspects that change."""
    found: dict[int, tuple[Said, ...]] = {}
    for connection_id, desk in desks.items():
        own = {external: (ident, aspects) for ident, (of, external, aspects) in items.items() if of == connection_id}
        if not own:
            continue
        fields = {
            record.external_id: record.name
            for chunk in landed_chunks(store, connection_id, Stream.FIELDS)
            for record in readable(desk.reader, chunk)
            if isinstance(record, FieldRecord)
        }
        named = select(ProjectRef.external_id, ProjectRef.name).where(ProjectRef.connection_id == connection_id)
        projects = dict(store.execute(named).all())
        for record in readable(desk.reader, landed(store, connection_id, Stream.ITEMS, own).values()):
            if isinstance(record, ItemRecord):
                ident, aspects = own[record.external_id]
                words = _words(record, set(aspects), fields, projects)
                found[ident] = tuple(Said(what, text[:LONGEST], name) for what, text, name in words if text)
    return found


def _words(
    record: ItemRecord, aspects: set[str], fields: Mapping[str, str], projects: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    sections = ", ".join(member.section_name for member in record.memberships if member.section_name)
    if "kind" in aspects:
        yield "kind", record.kind_name, ""
    if aspects & {"category", "flow", "history"}:
        yield "status", record.status_name or sections, ""
        yield "resolution", record.resolution or "", ""
    if "project" in aspects:
        yield "project", ", ".join(projects.get(each.project_id, each.project_id) for each in record.memberships), ""
        yield "components", ", ".join(record.component_names), ""
        yield "section", sections, ""
    if aspects & {"kind", "project", "templates"}:
        yield "labels", ", ".join(record.labels), ""
    if "dates" in aspects:
        yield "start", record.start.isoformat() if record.start else "", ""
        yield "due", record.due.isoformat() if record.due else "", ""
    if "estimate" in aspects:
        yield "estimate", _text(record.estimate_s), ""
        yield "remaining", _text(record.remaining_s), ""
    if "links" in aspects:
        for link in record.links:
            yield "link", f"{link.phrase} {link.other_key or link.other_id}", ""
    if aspects & _FROM_FIELDS:
        for field_id, value in record.fields.items():
            yield "field", _text(value), fields.get(field_id, field_id)


def _text(value: FieldValue) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)
