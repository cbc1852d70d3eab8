"""The versions of the mapping: one draft at a time, what is in force, what was; approving, and taking it back.

Every function works in the caller's transaction. `name` is what pages call whoever does it, `by` the same for the audit
log. Whether they may is asked by the caller (`Capability.MAPPINGS`: EDIT for a draft, APPROVE for what comes in force).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.landing import RawRecord
from portfolio.model.mapping import MappingVersion
from portfolio.organisation import Separation, read_settings
from portfolio.store.locks import Lock, exclusive
from sync.errors import FaultyMappingError, SecondPersonError, StaleDraftError, UnknownVersionError
from sync.mapping.differences import differences
from sync.mapping.document import Mapping, decode, encode
from sync.mapping.faults import faults
from sync.schedule.requests import request_remap

DRAFT, APPROVED, DISCARDED = "draft", "approved", "discarded"
DEFAULTS = 0
"""The number of what was in force before the first version: nothing but the defaults."""
TOLD = 50
"""So many differences of one change stand in the audit log; the versions keep all."""


class Version(NamedTuple):
    """A version of the mapping, as `portfolio.model.mapping.MappingVersion` says."""

    id: int
    number: int | None
    state: str
    mapping: Mapping
    revision: int
    based_on: int | None
    restores: int | None
    note: str
    edited_by: str
    edited_at: datetime
    editors: tuple[str, ...]
    approved_by: str | None
    approved_at: datetime | None
    self_approved: bool

    def had_hands_of(self, name: str) -> bool:
        """Whether somebody of that name began or changed it."""
        return name == self.edited_by or name in self.editors


_COLUMNS = tuple(getattr(MappingVersion, "body" if name == "mapping" else name) for name in Version._fields)


def in_force(store: Connection) -> Version | None:
    """The version that is in force, None while there are only the defaults."""
    return _first(store, MappingVersion.state == APPROVED)


def number_in_force(store: Connection) -> int | None:
    """The number of `in_force`, without reading the document."""
    return store.scalar(select(func.max(MappingVersion.number)).where(MappingVersion.state == APPROVED))


def taken_up(store: Connection, connection_id: int) -> int | None:
    """The number of the mapping that all landed records of a connection are mapped with, None for the defaults."""
    return store.scalar(select(ConnectionRow.mapping_number).where(ConnectionRow.id == connection_id))


def all_taken_up(store: Connection) -> dict[str, int | None]:
    """`taken_up` of every connection, by their names, in their order."""
    query = select(ConnectionRow.name, ConnectionRow.mapping_number).order_by(ConnectionRow.name)
    return dict(store.execute(query).all())


def take_up(store: Connection, connection_id: int, number: int) -> None:
    """Note that all landed records of a connection are mapped with this mapping."""
    own = ConnectionRow.id == connection_id
    store.execute(update(ConnectionRow).where(own).values(mapping_number=number))


def draft(store: Connection) -> Version | None:
    """The open draft, if there is one."""
    return _first(store, MappingVersion.state == DRAFT)


def get(store: Connection, version_id: int) -> Version:
    """A version of any state by its id. Raises `UnknownVersionError`."""
    row = store.execute(select(*_COLUMNS).where(MappingVersion.id == version_id)).first()
    if row is None:
        raise UnknownVersionError(version_id)
    return _read(row)


def numbered(store: Connection, number: int) -> Version:
    """The approved version with the number. Raises `UnknownVersionError`."""
    found = _first(store, (MappingVersion.state == APPROVED) & (MappingVersion.number == number))
    if found is None:
        raise UnknownVersionError(number)
    return found


def document(store: Connection, number: int | None = None) -> Mapping:
    """The mapping with the number, or that in force. Raises `UnknownVersionError`."""
    if number is None:
        return _document(in_force(store))
    return Mapping() if number == DEFAULTS else numbered(store, number).mapping


def history(store: Connection) -> tuple[Version, ...]:
    """Everything that was or is in force, the newest first."""
    query = select(*_COLUMNS).where(MappingVersion.state == APPROVED).order_by(MappingVersion.number.desc())
    return tuple(_read(row) for row in store.execute(query))


def begin(store: Connection, now: datetime, name: str, by: Actor) -> Version:
    """Open a draft equal to what is in force; the one there is, if there is one."""
    exclusive(store, Lock.MAPPING)
    there = draft(store)
    if there is not None:
        return there
    before = in_force(store)
    row = {
        "state": DRAFT,
        "body": encode(_document(before)),
        "based_on": before.number if before is not None else None,
        "edited_by": name,
        "edited_at": now,
    }
    ident = store.execute(insert(MappingVersion).values(**row).returning(MappingVersion.id)).scalar_one()
    append(store, now, by, "mapping.begun", Subject("mapping", ident), new={"based_on": row["based_on"]})
    return get(store, ident)


def change(
    store: Connection, version_id: int, revision: int, mapping: Mapping, now: datetime, name: str, by: Actor
) -> Version:
    """Give the draft another document. It may have faults: a draft is where they are mended.

    `revision` is that of the draft the change was made in. Raises `StaleDraftError` when somebody else has changed it,
    approved or discarded it since, and `UnknownVersionError`; nothing is changed then.
    """
    before = _open(store, version_id, revision)
    if mapping == before.mapping:
        return before
    editors = msgspec.json.encode(sorted({*before.editors, name})).decode()
    values = {
        "body": encode(mapping),
        "revision": revision + 1,
        "edited_by": name,
        "edited_at": now,
        "editors": editors,
    }
    store.execute(update(MappingVersion).where(MappingVersion.id == version_id).values(**values))
    append(
        store,
        now,
        by,
        "mapping.changed",
        Subject("mapping", version_id),
        new={"changes": _told(before.mapping, mapping)},
    )
    return get(store, version_id)


def discard(store: Connection, version_id: int, revision: int, now: datetime, name: str, by: Actor) -> Version:
    """Close a draft without its coming in force. Raises what `change` raises."""
    _open(store, version_id, revision)
    values = {"state": DISCARDED, "edited_by": name, "edited_at": now}
    store.execute(update(MappingVersion).where(MappingVersion.id == version_id).values(**values))
    append(store, now, by, "mapping.discarded", Subject("mapping", version_id))
    return get(store, version_id)


def approve(
    store: Connection, version_id: int, revision: int, now: datetime, name: str, by: Actor, *, note: str = ""
) -> Version:
    """Put the draft in force.

    Raises what `change` raises; `FaultyMappingError` when the document has faults, and `SecondPersonError` when who
    approves had a hand in it and the organisation is not small.
    """
    found = _open(store, version_id, revision)
    _require_sound(found.mapping)
    alone = found.had_hands_of(name)
    if alone and not read_settings(store, Separation).small:
        raise SecondPersonError(name)
    before = in_force(store)
    values = {
        "state": APPROVED,
        "number": _next(before),
        "note": note,
        "approved_by": name,
        "approved_at": now,
        "self_approved": alone,
    }
    store.execute(update(MappingVersion).where(MappingVersion.id == version_id).values(**values))
    told = {"number": values["number"], "self_approved": alone}
    changes = _told(_document(before), found.mapping)
    _ask_for_it(store, name, now)
    append(store, now, by, "mapping.approved", Subject("mapping", version_id), new={**told, "changes": changes})
    return get(store, version_id)


def rollback(store: Connection, number: int, now: datetime, name: str, by: Actor, *, note: str = "") -> Version:
    """Put the document of an earlier version in force again, as a new version; an open draft stays as it is.

    `DEFAULTS` brings back what held before the first version. What a second person approved once, any may bring back;
    else it takes a second person now, as in `approve`. Raises `UnknownVersionError`, `FaultyMappingError` and
    `SecondPersonError`.
    """
    exclusive(store, Lock.MAPPING)
    before = in_force(store)
    earlier = numbered(store, number) if number != DEFAULTS else None
    mapping = _document(earlier)
    _require_sound(mapping)
    alone = earlier is not None and earlier.self_approved and earlier.had_hands_of(name)
    if alone and not read_settings(store, Separation).small:
        raise SecondPersonError(name)
    row = {
        "state": APPROVED,
        "number": _next(before),
        "body": encode(mapping),
        "based_on": before.number if before is not None else None,
        "restores": number,
        "note": note,
        "edited_by": name,
        "edited_at": now,
        "approved_by": name,
        "approved_at": now,
        "self_approved": alone,
    }
    ident = store.execute(insert(MappingVersion).values(**row).returning(MappingVersion.id)).scalar_one()
    told = {"number": row["number"], "restores": number, "self_approved": alone}
    changes = _told(_document(before), mapping)
    _ask_for_it(store, name, now)
    append(store, now, by, "mapping.rolled_back", Subject("mapping", ident), new={**told, "changes": changes})
    return get(store, ident)


def _open(store: Connection, version_id: int, revision: int) -> Version:
    """The draft as it was read; nobody else changes it until the transaction ends."""
    exclusive(store, Lock.MAPPING)
    found = get(store, version_id)
    if found.state == APPROVED:
        raise StaleDraftError(found.approved_by or "", found.approved_at or found.edited_at, "approved")
    if found.state == DISCARDED or found.revision != revision:
        what = "discarded" if found.state == DISCARDED else "changed"
        raise StaleDraftError(found.edited_by, found.edited_at, what)
    return found


def _ask_for_it(store: Connection, name: str, now: datetime) -> None:
    """Have what is landed mapped anew, in the background; until that has ended the old figures are shown."""
    landed = exists().where(RawRecord.connection_id == ConnectionRow.id)
    request_remap(store, store.scalars(select(ConnectionRow.id).where(landed)).all(), name, now)


def _require_sound(mapping: Mapping) -> None:
    found = faults(mapping)
    if found:
        raise FaultyMappingError(found)


def _document(version: Version | None) -> Mapping:
    return version.mapping if version is not None else Mapping()


def _next(before: Version | None) -> int:
    return ((before.number or 0) if before is not None else 0) + 1


def _told(before: Mapping, after: Mapping) -> list[str]:
    found = differences(before, after)
    lines = [each.words for each in found[:TOLD]]
    return lines if len(found) <= TOLD else [*lines, f"and {len(found) - TOLD} more"]


def _first(store: Connection, which: ColumnElement[bool]) -> Version | None:
    query = select(*_COLUMNS).where(which).order_by(MappingVersion.number.desc(), MappingVersion.id.desc()).limit(1)
    row = store.execute(query).first()
    return _read(row) if row is not None else None


def _read(row: Row[Any]) -> Version:
    kept = row._asdict()
    editors = msgspec.json.decode(kept.pop("editors"), type=tuple[str, ...])
    return Version(mapping=decode(kept.pop("body")), editors=editors, **kept)
