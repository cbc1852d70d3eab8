"""The stored versions of a connection's mapping profile, and the reference records the default one is built from."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, insert, select, update

from connector.protocol import Reader, Stream
from connector.records import BoardRecord, FieldRecord, KindRecord, LinkTypeRecord, StatusRecord
from portfolio.model.landing import Connection as Tracker
from portfolio.model.landing import MappingProfile, RawRecord
from portfolio.model.structure import Project, ProjectRef
from portfolio.model.work import WorkItem
from sync.landing.raw import landed_chunks
from sync.mapping.compile import TrackerProject, compile_profile
from sync.mapping.defaults import References, default_profile
from sync.mapping.document import Mapping
from sync.mapping.feeds import Catalogue, compile_feeds
from sync.mapping.profile import Profile, decode, encode
from sync.mapping.sources import Placing
from sync.readers import readable
from sync.versions import in_force


class Version(NamedTuple):
    """A profile and its version. `outdates`: what was mapped with an earlier version must be mapped again."""

    number: int
    profile: Profile
    outdates: bool = False


def latest(store: Connection, connection_id: int) -> Version | None:
    """The newest stored version, None before the first."""
    query = select(MappingProfile.version, MappingProfile.body).where(MappingProfile.connection_id == connection_id)
    row = store.execute(query.order_by(MappingProfile.version.desc()).limit(1)).first()
    return Version(row[0], decode(row[1])) if row is not None else None


def save(
    store: Connection, connection_id: int, profile: Profile, now: datetime, mapping_number: int | None = None
) -> Version:
    """Store a profile as the newest version; one equal to the newest is not stored again.

    `mapping_number` is the version of the mapping it was compiled from; of an equal one the later counts.
    """
    before = latest(store, connection_id)
    if before is not None and before.profile == profile:
        own = (MappingProfile.connection_id == connection_id, MappingProfile.version == before.number)
        if store.scalar(select(MappingProfile.mapping_number).where(*own)) != mapping_number:
            store.execute(update(MappingProfile).where(*own).values(mapping_number=mapping_number))
        return before
    number = before.number + 1 if before is not None else 1
    row = {
        "connection_id": connection_id,
        "version": number,
        "body": encode(profile),
        "created_at": now,
        "mapping_number": mapping_number,
    }
    store.execute(insert(MappingProfile).values(**row))
    return Version(number, profile, outdates=before is not None and not profile.only_adds_to(before.profile))


def refresh(store: Connection, connection_id: int, reader: Reader, now: datetime) -> Version:
    """The profile to map with: the default one, rebuilt from what is landed, with the mapping in force over it."""
    version = in_force(store)
    profile = effective(store, connection_id, reader, version.mapping if version is not None else Mapping())
    return save(store, connection_id, profile, now, version.number if version is not None else None)


def effective(store: Connection, connection_id: int, reader: Reader, mapping: Mapping) -> Profile:
    """The connection's profile under a mapping, in force or not."""
    known = references(store, connection_id, reader)
    name = store.scalar(select(Tracker.name).where(Tracker.id == connection_id)) or ""
    has = _catalogue(store, connection_id, reader) if mapping.projects else Catalogue()
    placing, unclear = compile_feeds(mapping, name, has)
    projects = _projects(store, connection_id, placing)
    profile = compile_profile(default_profile(known), mapping, name, projects, known)
    return msgspec.structs.replace(profile, placing=placing, unclear=(*profile.unclear, *unclear))


def _catalogue(store: Connection, connection_id: int, reader: Reader) -> Catalogue:
    """What the connection has that project rules may name."""
    found = {
        stream: [record for chunk in landed_chunks(store, connection_id, stream) for record in readable(reader, chunk)]
        for stream in (Stream.PROJECTS, Stream.PORTFOLIOS, Stream.SECTIONS, Stream.COMPONENTS)
    }
    return Catalogue(*found.values())  # type: ignore[arg-type]  # each stream holds its own kind


def _projects(store: Connection, connection_id: int, placing: Placing) -> list[TrackerProject]:
    """What feeds projects by the mapping, with the types of these."""
    here = (ProjectRef.connection_id == connection_id, ProjectRef.own_project_id.is_not(None))
    own = select(ProjectRef.external_id, ProjectRef.key, ProjectRef.name, Project.type)
    query = own.join(Project, Project.id == ProjectRef.own_project_id).where(*here).order_by(ProjectRef.external_id)
    found = {row.external_id: TrackerProject(*row) for row in store.execute(query)}
    codes = {source.code for source in placing.sources}
    types = dict(store.execute(select(Project.code, Project.type).where(Project.code.in_(codes))).all())
    for source in placing.sources:
        known = found.get(source.external_id, TrackerProject(source.external_id, "", source.shown))
        found[source.external_id] = known._replace(type=types.get(source.code))
    return list(found.values())


def leaves_behind(store: Connection, connection_id: int, version: Version) -> bool:
    """Whether live items were last mapped with a profile that `version` does not only add to.

    Decided from the items themselves: a run that stored the version may have failed before it mapped them again.
    """
    live = WorkItem.deleted_at.is_(None)
    own = (WorkItem.connection_id == connection_id, live, WorkItem.profile_version != version.number)
    used = store.scalars(select(WorkItem.profile_version).where(*own).distinct()).all()
    if not used:
        return False
    query = select(MappingProfile.version, MappingProfile.body).where(
        MappingProfile.connection_id == connection_id, MappingProfile.version.in_(used)
    )
    harmless = [number for number, body in store.execute(query) if version.profile.only_adds_to(decode(body))]
    # What is in quarantine now is not landed: its rows stay as they were.
    kept = select(RawRecord.id).where(
        RawRecord.connection_id == connection_id,
        RawRecord.stream == Stream.ITEMS.value,
        RawRecord.external_id == WorkItem.external_id,
    )
    behind = select(WorkItem.id).where(*own, WorkItem.profile_version.not_in(harmless), kept.exists()).limit(1)
    return set(used) > set(harmless) and store.scalar(behind) is not None


def references(store: Connection, connection_id: int, reader: Reader) -> References:
    """The landed reference records. What is landed has been read before; what cannot be read now is left out."""
    found = References()
    lists: dict[type, list[object]] = {
        FieldRecord: found.fields,  # type: ignore[dict-item]  # each list is only given its own kind
        StatusRecord: found.statuses,  # type: ignore[dict-item]
        KindRecord: found.kinds,  # type: ignore[dict-item]
        LinkTypeRecord: found.link_types,  # type: ignore[dict-item]
        BoardRecord: found.boards,  # type: ignore[dict-item]
    }
    for stream in (Stream.FIELDS, Stream.STATUSES, Stream.KINDS, Stream.LINK_TYPES, Stream.BOARDS):
        for chunk in landed_chunks(store, connection_id, stream):
            for record in readable(reader, chunk):
                lists[type(record)].append(record)
    return found
