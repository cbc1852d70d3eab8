"""What is to be mended in the trackers: the open items with a fault, by the manager of their project. Set-based: one
statement for the managers, one for how many, one for a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Connection, case, false, func, or_, select

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen
from portfolio.access.viewer import Viewer
from portfolio.calendar import WorkCalendar, load_calendar
from portfolio.facts.lifecycle import OVER
from portfolio.facts.quality import FAULTS, faults
from portfolio.facts.states import AnySelect, I, V, at, is_open
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.people import Person
from portfolio.model.structure import Project
from webapp.queries.search import contains
from webapp.tables import Order

_PROJECT_ID = cast(ColumnElement[Any], V.project_id)
STALE = 10
"""Working days after which work in progress that nobody touched is stale."""


@dataclass(frozen=True)
class Managers:
    """How much is to be mended in the projects of a manager (None: of nobody). `faults`: items by fault."""

    manager_id: int | None
    manager: str | None
    items: int
    faults: Mapping[str, int]


class Line(NamedTuple):
    """An item to mend, with its address in the tracker, and what is wrong with it."""

    key: str
    url: str
    title: str
    kind: str
    status: str
    project_id: int
    project: str
    manager: str | None
    tracker: str
    updated_at: datetime
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Wish:
    """Which items: with the fault or any, of the projects of a manager (0: of none) or all, or of one project; with
    some text in key, title or the project's name."""

    fault: str | None = None
    manager: int | None = None
    project: int | None = None
    text: str = ""


SORTS: Mapping[str, Any] = {
    "key": I.key,
    "project": func.lower(Project.name),
    "manager": func.lower(Person.name),
    "updated": I.updated_at,
}


def _found(day: date, zone: tzinfo, calendar: WorkCalendar) -> Mapping[str, ColumnElement[bool]]:
    since = day - timedelta(days=STALE)
    while calendar.since(since, day) < STALE and (day - since).days < 10 * STALE:
        since -= timedelta(days=1)
    return faults(day, datetime.combine(since, datetime.min.time(), zone))


def _joined(statement: AnySelect, day: date, viewer: Viewer) -> AnySelect:
    """The open items of the projects whose figures the viewer sees and that go on."""
    joined = at(statement, day).join(Project, Project.id == V.project_id)
    joined = joined.outerjoin(Person, Person.id == Project.manager_id)
    mine = seen(_PROJECT_ID, viewer, Capability.KPIS, Right.VIEW)
    return joined.where(is_open(), mine, Project.status.not_in(OVER), I.deleted_at.is_(None))


def _narrowed(statement: AnySelect, wish: Wish, found: Mapping[str, ColumnElement[bool]]) -> AnySelect:
    statement = statement.where(found[wish.fault] if wish.fault else or_(false(), *found.values()))
    if wish.manager is not None:
        mine = Project.manager_id == wish.manager if wish.manager else Project.manager_id.is_(None)
        statement = statement.where(mine)
    if wish.project is not None:
        statement = statement.where(V.project_id == wish.project)
    if wish.text:
        texts: tuple[Any, ...] = (I.key, I.title, Project.name)
        statement = statement.where(or_(*(contains(column, wish.text) for column in texts)))
    return statement


def managers(connection: Connection, viewer: Viewer, day: date, zone: tzinfo) -> tuple[Managers, ...]:
    """Who has how much to mend, most first."""
    found = _found(day, zone, load_calendar(connection))
    counts = [func.count().filter(found[name]) for name in FAULTS]
    query = _joined(select(Project.manager_id, Person.name, func.count(), *counts), day, viewer)
    query = query.where(or_(*found.values())).group_by(Project.manager_id, Person.name)
    rows = connection.execute(query.order_by(func.count().desc(), Person.name))
    return tuple(
        Managers(ident, name, items, dict(zip(FAULTS, map(int, counted), strict=True)))
        for ident, name, items, *counted in rows
    )


def faults_of(
    connection: Connection, viewer: Viewer, project_id: int, day: date, zone: tzinfo, calendar: WorkCalendar
) -> dict[str, int]:
    """How many open items of a project have which fault, most first; without those that none has."""
    found = _found(day, zone, calendar)
    counts = [func.count().filter(found[name]) for name in FAULTS]
    row = connection.execute(_joined(select(*counts), day, viewer).where(V.project_id == project_id)).one()
    counted = sorted(zip(FAULTS, map(int, row), strict=True), key=lambda it: -it[1])
    return {name: count for name, count in counted if count}


def count_items(connection: Connection, viewer: Viewer, wish: Wish, day: date, zone: tzinfo) -> int:
    """How many items fit."""
    found = _found(day, zone, load_calendar(connection))
    return connection.scalar(_narrowed(_joined(select(func.count()), day, viewer), wish, found)) or 0


def any_open(connection: Connection, viewer: Viewer, day: date) -> bool:
    """Whether there is any open item in sight, with a fault or without."""
    return connection.execute(_joined(select(V.item_id), day, viewer).limit(1)).first() is not None


def list_items(
    connection: Connection,
    viewer: Viewer,
    wish: Wish,
    day: date,
    zone: tzinfo,
    order: Order,
    *,
    limit: int,
    offset: int = 0,
) -> tuple[Line, ...]:
    """Some of them, in order, each with all that is wrong with it."""
    found = _found(day, zone, load_calendar(connection))
    flags = [case((found[name], 1), else_=0) for name in FAULTS]
    own = (I.key, I.url, I.title, I.tracker_kind, I.status, V.project_id, Project.name, Person.name)
    statement = _joined(select(*own, ConnectionRow.tracker, I.updated_at, *flags), day, viewer)
    statement = statement.join(ConnectionRow, ConnectionRow.id == I.connection_id)
    column = SORTS[order.column]
    statement = _narrowed(statement, wish, found).order_by((column.desc() if order.down else column).nulls_last(), I.id)
    rows = connection.execute(statement.limit(limit).offset(offset))
    return tuple(_line(row) for row in rows)


def _line(row: Any) -> Line:
    named = tuple(name for name, flag in zip(FAULTS, row[10:], strict=True) if flag)
    return Line._make((*row[:10], named))
