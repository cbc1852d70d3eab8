"""GET /api/v1/projects/<id>/items: the items behind a number of a project, with their addresses in the tracker."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from flask import Blueprint, Response, abort

from portfolio.access.masks import Sight, load_sight
from portfolio.access.narrow import in_project
from portfolio.audit.entry import Subject
from portfolio.facts.catalogue import FACTS
from webapp import here, record, signin
from webapp.api.asked import Part, answer, query
from webapp.problems import Unreadable
from webapp.queries.items import Item as Found
from webapp.queries.items import Wish, count_items, list_items
from webapp.queries.project import find_heading
from webapp.queries.readings import newest_day
from webapp.tables import Order
from webapp.words import web_address

ALL_OPEN = "open_items"

part = Blueprint("items", __name__)


class Wanted(Part, frozen=True):
    """Which items: those a fact counts."""

    fact: str = ALL_OPEN


class Item(msgspec.Struct, frozen=True):
    """An item. `kind` and `category` are ours, `tracker_kind` and `status` the tracker's words. `assignee` is left out
    where the user's roles are not shown who does what."""

    id: int
    key: str
    url: str | None
    title: str
    kind: str
    tracker_kind: str
    status: str
    category: str
    flow: str
    priority: str | None
    assignee: str | msgspec.UnsetType | None
    start: date | None
    due: date | None
    started_on: date | None
    finished_on: date | None
    estimate_s: int | None
    updated_at: datetime


class Items(msgspec.Struct, frozen=True):
    """Some of the items, those that are due first at the top."""

    project_id: int
    fact: str
    as_of: date
    total: int
    limit: int
    offset: int
    items: list[Item]


def _item(it: Found, *, named: bool) -> Item:
    return Item(
        it.id,
        it.key,
        web_address(it.url),
        it.title,
        it.kind,
        it.tracker_kind,
        it.status,
        it.category,
        it.flow,
        it.priority,
        it.assignee if named else msgspec.UNSET,
        it.start,
        it.due,
        it.started_on,
        it.finished_on,
        it.estimate_s,
        it.updated_at,
    )


@part.get("/projects/<id:project_id>/items")
def items(project_id: int) -> Response:
    asked, viewer = query(Wanted), signin.viewer()
    if asked.fact not in FACTS:
        raise Unreadable(f"There is no fact `{asked.fact}`. Those there are: {', '.join(sorted(FACTS))}")
    with here.reading() as connection:
        if find_heading(connection, project_id, viewer) is None:
            abort(404)
        named = load_sight(in_project(connection, viewer, project_id)) is Sight.NAMED
        wish = Wish(project_id, asked.fact, newest_day(connection) or here.today())
        total = count_items(connection, wish)
        found = list_items(connection, wish, Order("due"), limit=asked.limit, offset=asked.offset)
    if named:
        record.people("items", (it.assignee_id for it in found), Subject("project", project_id))
    some = [_item(it, named=named) for it in found]
    return answer(Items(project_id, asked.fact, wish.day, total, asked.limit, asked.offset, some))
