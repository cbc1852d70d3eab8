"""Reading from the store what operations name: of all that is in sight, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, or_, select

from portfolio.facts.lifecycle import OVER
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.mapping import PersonDecision
from portfolio.model.people import Person
from portfolio.model.structure import Project
from portfolio.model.work import ItemProject, WorkItem
from portfolio.resources.calendars import read_patterns
from portfolio.resources.plan import Plan
from portfolio.scenario.names import Item, Names
from portfolio.scenario.operations import Operation

_AT_ONCE = 500
_DONE = ("done", "cancelled")


class InSight(NamedTuple):
    """What of a plan may be named and told: projects (whether, by place) and persons (places)."""

    projects: NDArray[np.bool_]
    persons: Collection[int]


def everything(plan: Plan) -> InSight:
    """All of the plan, for whoever reads the database itself."""
    return InSight(np.ones(len(plan.projects), np.bool_), range(len(plan.persons)))


def read_names(connection: Connection, operations: Sequence[Operation], plan: Plan, sight: InSight) -> Names:
    """What the operations may name. Items are looked up by the keys they have there, everything else is read."""
    keys = sorted({key.strip() for it in operations if (key := getattr(it, "item", None)) is not None})
    seen = {ident: place for place, ident in enumerate(plan.projects.tolist()) if sight.projects[place]}
    persons: dict[bool, dict[int, str]] = {True: {}, False: {}}
    whom = set(plan.persons[list(sight.persons)].tolist())
    for ident, name, active in connection.execute(select(Person.id, Person.name, Person.active)):
        if ident in whom:
            persons[active][ident] = name
    going_on = connection.execute(select(Project.id, Project.code).where(Project.status.not_in(OVER)))
    working = read_patterns(connection)
    return Names(
        _items(connection, keys, seen),
        persons[True],
        persons[False],
        {code: seen[ident] for ident, code in going_on if ident in seen},
        working.calendars,
        working.role,
        read_merged(connection),
    )


def read_merged(connection: Connection) -> dict[int, int]:
    """Who remained of those who turned out to be one with them, by id: operations may still name them."""
    it = PersonDecision
    rows = connection.execute(select(it.person_id, it.other_id).where(it.kind == "merged", it.undone_at.is_(None)))
    return {row.person_id: row.other_id for row in rows}


def _items(connection: Connection, keys: Sequence[str], projects: Collection[int]) -> dict[str, list[Item]]:
    """The items with these keys that are in one of the projects."""
    it, also = WorkItem, ItemProject
    columns = (it.id, it.key, it.category, it.project_id, ConnectionRow.name)
    query = select(*columns, also.project_id.label("also")).join(ConnectionRow, ConnectionRow.id == it.connection_id)
    query = query.outerjoin(also, also.item_id == it.id).where(it.deleted_at.is_(None)).order_by(it.id)
    query = query.where(or_(it.project_id.is_not(None), also.project_id.is_not(None)))
    found: dict[str, list[Item]] = defaultdict(list)
    # The index over keys begins with the connection.
    connections = list(connection.scalars(select(ConnectionRow.id)))
    for start in range(0, len(keys), _AT_ONCE):
        some = query.where(it.connection_id.in_(connections), it.key.in_(keys[start : start + _AT_ONCE]))
        for row in connection.execute(some):
            item = Item(row.id, row.name, row.category in _DONE)
            if (row.project_id in projects or row.also in projects) and item not in found[row.key]:
                found[row.key].append(item)
    return dict(found)
