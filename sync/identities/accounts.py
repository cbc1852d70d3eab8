"""What accounts at a tracker bring along: the rows of their connection that name their person."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, select, update
from sqlalchemy.orm import aliased

from portfolio.model.people import PersonIdentity, Team, TeamMember
from portfolio.model.structure import Project, ProjectRef
from portfolio.model.work import WorkItem
from sync.merge import Place, places
from sync.tables import table_of

_LED = table_of(Project).c.manager_id


def follow_accounts(store: Connection, person_id: int, to: int, identities: Collection[int]) -> set[int]:
    """Whatever the connections of these accounts say of a person, they say of `to` from now on.

    Returns the connections of which nothing was moved, because the person has another account there: whose a row is,
    only the payloads tell. What was entered by hand stays where it is.
    """
    identity = PersonIdentity
    gone = set(store.scalars(select(identity.connection_id).where(identity.id.in_(identities))))
    kept = set(store.scalars(select(identity.connection_id).where(identity.person_id == person_id)))
    _take_along(store, person_id, to, gone - kept)
    return gone & kept


def _take_along(store: Connection, person_id: int, to: int, connections: Collection[int]) -> None:
    for place, told in _told(connections) if connections else ():
        table, column = place
        mine = (column == person_id, told)
        if column.primary_key:
            key = place.key[0]
            there = table.alias()
            same = exists().where(there.c[key.name] == key, there.c[column.name] == to)
            store.execute(delete(table).where(*mine, same))
        store.execute(update(table).where(*mine).values({column.name: to}))


def _told(connections: Collection[int]) -> Iterator[tuple[Place, ColumnElement[bool]]]:
    """The places a tracker fills, with whether a row is one of these connections'."""
    for place in places():
        told = _of(place.table, connections)
        if place.column is _LED:
            ref = aliased(ProjectRef)
            told = exists().where(
                ref.project_id == place.table.c.id, ref.is_primary, ref.connection_id.in_(connections)
            )
        if told is not None and place.table is not table_of(PersonIdentity):
            yield place, told


def _of(table: Table, connections: Collection[int]) -> ColumnElement[bool] | None:
    if "connection_id" in table.c:
        return table.c.connection_id.in_(connections) if table.name != "erasure" else None
    if "item_id" in table.c:
        return table.c.item_id.in_(select(WorkItem.id).where(WorkItem.connection_id.in_(connections)))
    if table is table_of(TeamMember):
        return table.c.team_id.in_(select(Team.id).where(Team.connection_id.in_(connections)))
    return None
