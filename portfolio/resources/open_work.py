"""Open work as it stands: what remains of it, who is to do it, and to which projects it counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any, NamedTuple, TypeVar

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from portfolio.facts.differences import NEVER
from portfolio.facts.lifecycle import OVER
from portfolio.facts.spans import ordinal
from portfolio.facts.states import REGISTERS, AnySelect
from portfolio.model.named import named
from portfolio.model.structure import Project
from portfolio.model.work import ItemAssignee, ItemProject, ItemSprint, Sprint, WorkItem
from portfolio.resources.booked import NOBODY
from portfolio.resources.capacity import Hours, Numbers
from portfolio.resources.rows import take
from portfolio.store.columns import numbers_of, read_numbers, text_of

_HOUR = 3600
_UNKNOWN = -1
W = named(WorkItem, "w")
_RUNNING, _POINTS, _ROLE = 1, 2, 4
"""What there is to an item, each a bit of one number."""
Told = TypeVar("Told")


class OpenItems(NamedTuple):
    """Open leaf items that are work, a row each.

    `person` is the assignee's id or `NOBODY`, `project` the id of the one it counts to. `hours` are what remains, not a
    number where nobody said; `points` likewise. `start` is 0 and `due` is `differences.NEVER` without a date; where an
    item has none of its own, it is due when the sprint it is in ends. `running`: work on it has begun.
    """

    item: Numbers
    person: Numbers
    project: Numbers
    start: Numbers
    due: Numbers
    hours: Hours
    points: Hours
    running: Numbers


class OpenWork(NamedTuple):
    """Open work: the items in order of their ids, and the further shares of some of them.

    `persons` and `projects` are all of an item's where there is more than one, by its id; `roles` who has to do what
    nobody is assigned to, where that is known.
    """

    items: OpenItems
    persons: dict[int, list[int]]
    projects: dict[int, list[int]]
    roles: dict[int, str]


def _is_open() -> ColumnElement[bool]:
    """What load is made of: the same items as open work in facts (`portfolio.facts.declare`), as they are now."""
    effort = or_(W.kind.not_in(("milestone", *REGISTERS)), and_(W.kind != "milestone", W.estimate_s > 0))
    open_leaf = (W.category.in_(("todo", "in_progress")), W.deleted_at.is_(None), W.is_leaf)
    return and_(*open_leaf, W.kind != "heading", effort, W.project_id.is_not(None))


def _going_on() -> AnySelect:
    return select(Project.id).where(Project.status.not_in(OVER))


def remaining() -> ColumnElement[Any]:
    """Seconds that remain of an item: what is told, else what is left of the estimate; None where neither is."""
    spent = func.coalesce(W.spent_s, 0)
    left = case((W.estimate_s > spent, W.estimate_s - spent), (W.estimate_s.is_not(None), 0))
    told = case((W.remaining_s < 0, 0), else_=W.remaining_s)
    return func.coalesce(told, left)


def read_open_work(connection: Connection, zone: tzinfo | None) -> OpenWork:
    """All open work there is in projects that go on. Sprints end on days of the time zone."""
    items, roles = _read_items(connection)
    going_on = np.array(connection.scalars(_going_on()).all(), np.int64)
    wanted = np.flatnonzero(np.isin(items.project, going_on))
    items = take(items, wanted[np.argsort(items.item[wanted], kind="stable")])
    persons = _known(_several(connection.execute(_assignees())), items.item)
    for ident, further in persons.items():
        first = int(items.person[np.searchsorted(items.item, ident)])
        persons[ident] = sorted({*further, first} - {NOBODY})
    ends: dict[int, datetime] = dict(connection.execute(_sprint_ends()).all())
    for ident, end in _known(ends, items.item).items():
        place = np.searchsorted(items.item, ident)
        if items.due[place] == NEVER:
            items.due[place] = end.astimezone(zone).date().toordinal()
    projects = _known(_several(connection.execute(_homes())), items.item)
    return OpenWork(items, persons, projects, _known(roles, items.item))


def _read_items(connection: Connection) -> tuple[OpenItems, dict[int, str]]:
    """All open items, in any order, and the role of each that has one and nobody.

    Nearly all of them are in projects that go on. Asking for those alone would have the database go through an index
    and back to the rows, which takes longer than reading some too many. What is no whole number, points and roles,
    has few values, each of many items: each is read once, as it is, with the ids of its items.
    """
    columns = (
        func.coalesce(W.assignee_id, NOBODY),
        W.project_id,
        func.coalesce(ordinal(W.start), 0),
        func.coalesce(ordinal(W.due), NEVER),
        func.coalesce(remaining(), _UNKNOWN),
        case((W.category == "in_progress", _RUNNING), else_=0)
        + case((W.points.is_not(None), _POINTS), else_=0)
        + case((W.assignee_id.is_(None), case((W.role.is_not(None), _ROLE), else_=0)), else_=0),
    )
    item, person, project, start, due, seconds, told = read_numbers(connection, W.id, columns, _is_open())
    hours, points = np.where(seconds == _UNKNOWN, np.nan, seconds / _HOUR), np.full(len(item), np.nan)
    roles = dict[int, str]()
    if (told & _POINTS).any():
        order = np.argsort(item, kind="stable")
        for value, ids in _by_value(connection, W.points, W.points.is_not(None)):
            points[order[np.searchsorted(item, ids, sorter=order)]] = value
    if (told & _ROLE).any():
        for value, ids in _by_value(connection, W.role, W.assignee_id.is_(None) & W.role.is_not(None)):
            roles |= dict.fromkeys(ids.tolist(), value)
    return OpenItems(item, person, project, start, due, hours, points, told & _RUNNING), roles


def _by_value(connection: Connection, column: Any, told: ColumnElement[bool]) -> Iterator[tuple[Any, Numbers]]:
    """Each value of a column, and the ids of the open items that have it."""
    query = select(column, text_of(W.id)).where(_is_open(), told).group_by(column)
    for value, ids in connection.execute(query, execution_options={"yield_per": 1}):
        yield value, numbers_of(ids)


def _assignees() -> AnySelect:
    """Further assignees."""
    return select(ItemAssignee.item_id, ItemAssignee.person_id)


def _homes() -> AnySelect:
    """All projects of an item that is in several that go on."""
    going_on = ItemProject.project_id.in_(_going_on())
    several = select(ItemProject.item_id).where(going_on).group_by(ItemProject.item_id).having(func.count() > 1)
    query = select(ItemProject.item_id, ItemProject.project_id).where(ItemProject.item_id.in_(several), going_on)
    return query.order_by(ItemProject.item_id, ItemProject.project_id)


def _sprint_ends() -> AnySelect:
    """When the latest sprint of an item ends that is not closed."""
    query = select(ItemSprint.item_id, func.max(Sprint.end_at)).join(Sprint, Sprint.id == ItemSprint.sprint_id)
    return query.where(Sprint.state != "closed", Sprint.end_at.is_not(None)).group_by(ItemSprint.item_id)


def _several(rows: Iterable[Any]) -> dict[int, list[int]]:
    """What the rows say, by item."""
    found: dict[int, list[int]] = defaultdict(list)
    for ident, other in rows:
        found[ident].append(other)
    return found


def _known(told: Mapping[int, Told], items: Numbers) -> dict[int, Told]:
    """What is told of these items."""
    known = np.isin(np.array(list(told), np.int64), items).tolist()
    return {ident: what for (ident, what), here in zip(told.items(), known, strict=True) if here}
