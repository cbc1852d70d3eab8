"""What trackers' words count as at present, from the items that have them: for a profile's connections or a project."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, func, or_, select

from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.mapping import FieldSample
from portfolio.model.structure import Project, ProjectRef
from portfolio.model.work import Dependency, WorkItem
from sync.inbox.meaning import Subject
from sync.mapping.layers import ALL, Layer
from sync.mapping.profile import fold

MOST = 300


@dataclass
class Seen:
    """A word, how many items have it, and what most of them count as (`sync.inbox.meaning`), "" where that is not
    kept of items."""

    value: str
    items: int = 0
    present: str = ""
    most: int = field(default=0, repr=False)


def seen_words(
    connection: Connection, *, connections: Collection[str] = (), layer: Layer = ALL, project_id: int | None = None
) -> dict[Subject, dict[str, Seen]]:
    """By subject and folded word: statuses, types, link types. Of a project's items where one is given, else of those
    of the connections that are in the layer."""
    of_items: list[ColumnElement[bool]] = [WorkItem.deleted_at.is_(None)]
    if project_id is not None:
        of_items.append(WorkItem.project_id == project_id)
    else:
        named = select(ConnectionRow.id).where(ConnectionRow.name.in_(connections))
        of_items.append(WorkItem.connection_id.in_(named))
        of_items += _in_layer(layer)
    columns: dict[Subject, tuple[Any, Any]] = {
        Subject.STATUS: (WorkItem.status, WorkItem.category + " " + WorkItem.flow),
        Subject.KIND: (WorkItem.tracker_kind, WorkItem.mapped_kind),
    }
    found = {
        subject: _folded(
            connection.execute(select(word, means, func.count()).where(*of_items).group_by(word, means)).all()
        )
        for subject, (word, means) in columns.items()
    }
    links = (
        select(Dependency.tracker_type, Dependency.type, func.count())
        .join(WorkItem, WorkItem.id == Dependency.from_item_id)
        .where(*of_items)
        .group_by(Dependency.tracker_type, Dependency.type)
    )
    found[Subject.LINK] = _folded(connection.execute(links).all())
    return found


def _in_layer(layer: Layer) -> list[ColumnElement[bool]]:
    """Whether an item is in one of the projects that the rules of a layer are for."""
    if layer.project_type:
        return [WorkItem.project_id.in_(select(Project.id).where(Project.type == layer.project_type))]
    if layer.project:
        called = or_(ProjectRef.key == layer.project, ProjectRef.external_id == layer.project)
        of_tracker = ProjectRef.connection_id == ConnectionRow.id
        home = select(ProjectRef.external_id).join(ConnectionRow, of_tracker)
        there = select(ConnectionRow.id).where(ConnectionRow.name == layer.connection)
        return [
            WorkItem.connection_id.in_(there),
            WorkItem.home.in_(home.where(ConnectionRow.name == layer.connection, called)),
        ]
    return []


def _folded(rows: Collection[Any]) -> dict[str, Seen]:
    found: dict[str, Seen] = {}
    for word, means, items in rows:
        key = fold(word)
        if not key:
            continue
        it = found.setdefault(key, Seen(word.strip()))
        it.items += items
        if items > it.most:
            it.most, it.present, it.value = items, means, word.strip()
    return dict(sorted(found.items(), key=lambda pair: -pair[1].items)[:MOST])


@dataclass(frozen=True)
class Sampled:
    """A field of a connection as it was met in a sample of items."""

    connection: str
    field_id: str
    name: str
    type: str
    filled: int
    sampled: int
    examples: tuple[str, ...]


def sampled_fields(connection: Connection, connections: Collection[str]) -> tuple[Sampled, ...]:
    """The fields of some connections that hold anything, by name."""
    query = (
        select(ConnectionRow.name, FieldSample)
        .join(ConnectionRow, ConnectionRow.id == FieldSample.connection_id)
        .where(ConnectionRow.name.in_(connections), FieldSample.filled > 0)
        .order_by(FieldSample.name, ConnectionRow.name, FieldSample.field_id)
        .with_only_columns(
            ConnectionRow.name,
            FieldSample.field_id,
            FieldSample.name,
            FieldSample.type,
            FieldSample.filled,
            FieldSample.sampled,
            FieldSample.examples,
        )
    )
    return tuple(
        Sampled(*row[:-1], tuple(msgspec.json.decode(row[-1], type=list[str]))) for row in connection.execute(query)
    )


def tracker_projects(connection: Connection) -> tuple[tuple[str, str, str], ...]:
    """(connection, key, name) of every tracker project that feeds anything."""
    query = (
        select(ConnectionRow.name, ProjectRef.key, ProjectRef.name)
        .join(ConnectionRow, ConnectionRow.id == ProjectRef.connection_id)
        .where(ProjectRef.deleted_at.is_(None), ProjectRef.source == "project")
        .order_by(ConnectionRow.name, ProjectRef.name)
    )
    return tuple((name, key, title) for name, key, title in connection.execute(query))


def project_types(connection: Connection) -> tuple[str, ...]:
    """The types that projects have."""
    query = select(Project.type).where(Project.type.is_not(None)).distinct().order_by(Project.type)
    return tuple(each for each in connection.scalars(query) if each)
