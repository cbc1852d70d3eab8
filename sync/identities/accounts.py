"""What accounts at a tracker bring along: the rows of their connection that name their person."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, select, update

from portfolio.model.base import WHOLE
from portfolio.model.mapping import ProjectField
from portfolio.model.people import PersonIdentity, Team, TeamMember
from portfolio.model.work import WorkItem
from portfolio.overlay.values import apply
from sync.merge import Place, places
from sync.tables import table_of

_FIELD = table_of(ProjectField)


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
    if not connections:
        return
    theirs = (_FIELD.c.told_person_id == person_id, _FIELD.c.told_by.in_(connections))
    projects = store.scalars(select(_FIELD.c.project_id).where(*theirs).distinct()).all()
    for place, told in _told(connections):
        table, column = place
        mine = (column == person_id, told)
        if column.primary_key:
            there = table.alias()
            spot = table.info.get(WHOLE, [key.name for key in place.key])
            same = exists().where(*(there.c[name] == table.c[name] for name in spot), there.c[column.name] == to)
            store.execute(delete(table).where(*mine, same))
        store.execute(update(table).where(*mine).values({column.name: to}))
    # Where nothing was entered over it, what is told is what the project has.
    apply(store, projects)


def _told(connections: Collection[int]) -> Iterator[tuple[Place, ColumnElement[bool]]]:
    """The places a tracker fills, with whether a row is one of these connections'."""
    for place in places():
        told = _of(place.table, connections)
        if place.column is _FIELD.c.told_person_id:
            told = _FIELD.c.told_by.in_(connections)
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
