"""The items behind a number of one project: exactly those the fact counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, func, select

from portfolio.facts.items import item_ids
from portfolio.model.people import Person
from portfolio.model.work import WorkItem
from webapp.queries.search import contains
from webapp.tables import Order

_ITEM = WorkItem.__table__
_PERSON = Person.__table__


@dataclass(frozen=True)
class Item:
    """One item as it stands, with the tracker's own words and address."""

    id: int
    key: str
    url: str
    title: str
    kind: str
    tracker_kind: str
    status: str
    category: str
    flow: str
    priority: str | None
    assignee_id: int | None
    assignee: str | None
    start: date | None
    due: date | None
    started_on: date | None
    finished_on: date | None
    estimate_s: int | None
    updated_at: datetime


@dataclass(frozen=True)
class Wish:
    """Which items of a project. `assignee` 0 asks for those nobody is assigned to."""

    project_id: int
    fact: str
    day: date
    assignee: int | None = None
    text: str = ""


SORTS: Mapping[str, ColumnElement[object]] = {
    "key": _ITEM.c.key,
    "title": func.lower(_ITEM.c.title),
    "kind": _ITEM.c.kind,
    "status": _ITEM.c.category,
    "assignee": func.lower(_PERSON.c.name),
    "start": _ITEM.c.start,
    "due": _ITEM.c.due,
    "finished": _ITEM.c.finished_on,
    "estimate": _ITEM.c.estimate_s,
    "updated": _ITEM.c.updated_at,
}


def _where(wish: Wish) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = [_ITEM.c.id.in_(item_ids(wish.fact, wish.project_id, wish.day))]
    if wish.assignee is not None:
        parts.append(_ITEM.c.assignee_id == wish.assignee if wish.assignee else _ITEM.c.assignee_id.is_(None))
    if wish.text:
        parts.append(contains(_ITEM.c.title, wish.text) | contains(_ITEM.c.key, wish.text))
    return parts


def count_items(connection: Connection, wish: Wish) -> int:
    """How many there are."""
    return int(connection.scalar(select(func.count()).select_from(_ITEM).where(*_where(wish))) or 0)


def list_items(connection: Connection, wish: Wish, order: Order, *, limit: int, offset: int = 0) -> tuple[Item, ...]:
    """Some of them, in order; what has no value in the sorted column comes last."""
    column = SORTS[order.column]
    rows = connection.execute(
        select(
            _ITEM.c.id,
            _ITEM.c.key,
            _ITEM.c.url,
            _ITEM.c.title,
            _ITEM.c.kind,
            _ITEM.c.tracker_kind,
            _ITEM.c.status,
            _ITEM.c.category,
            _ITEM.c.flow,
            _ITEM.c.priority,
            _ITEM.c.assignee_id,
            _PERSON.c.name,
            _ITEM.c.start,
            _ITEM.c.due,
            _ITEM.c.started_on,
            _ITEM.c.finished_on,
            _ITEM.c.estimate_s,
            _ITEM.c.updated_at,
        )
        .outerjoin(_PERSON, _PERSON.c.id == _ITEM.c.assignee_id)
        .where(*_where(wish))
        .order_by((column.desc() if order.down else column.asc()).nulls_last(), _ITEM.c.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(Item(*tuple(row)) for row in rows)
