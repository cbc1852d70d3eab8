"""The items behind a number of a project, with links into the tracker, and the same as a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.access.masks import Sight, load_sight
from portfolio.access.narrow import in_project
from portfolio.audit.entry import Subject
from portfolio.facts.catalogue import FACTS
from webapp import here, record, signin
from webapp.export import Form, file
from webapp.queries.items import SORTS, Item, Wish, count_items, list_items
from webapp.queries.project import Heading, assignee_name, find_heading
from webapp.queries.readings import newest_day
from webapp.tables import Order, read_id, read_order, read_paging, read_text
from webapp.words import say

PAGE_SIZE = 100
MOST_EXPORTED = 50_000
ALL_OPEN = "open_items"
NOBODY = 0
HEAD = ("key", "title", "kind", "status", "assignee", "start", "due", "finished", "estimate_h", "updated", "url")

page = Blueprint("items", __name__)


@dataclass(frozen=True)
class Asked:
    """What the URL asks for. `named` is False where the viewer is not shown who does what."""

    heading: Heading
    wish: Wish
    order: Order
    named: bool


def _asked(connection: Connection, project_id: int) -> Asked:
    viewer = signin.viewer()
    heading = find_heading(connection, project_id, viewer)
    fact = request.args.get("fact", ALL_OPEN)
    if heading is None or fact not in FACTS:
        abort(404)
    named = load_sight(in_project(connection, viewer, project_id)) is Sight.NAMED
    assignee = read_id(request.args, "assignee")
    wish = Wish(
        project_id,
        fact,
        newest_day(connection) or here.today(),
        # What is not shown is neither searched nor sorted by: the answer would tell it.
        assignee=assignee if named or assignee == NOBODY else None,
        text=read_text(request.args, "q"),
    )
    sorts = [name for name in SORTS if named or name != "assignee"]
    return Asked(heading, wish, read_order(request.args, sorts, "due"), named)


@page.get("/projects/<id:project_id>/items")
def items(project_id: int) -> ResponseReturnValue:
    with here.reading() as connection:
        asked = _asked(connection, project_id)
        paging = read_paging(request.args, count_items(connection, asked.wish), PAGE_SIZE)
        found = list_items(connection, asked.wish, asked.order, limit=paging.size, offset=paging.offset)
        assignee = assignee_name(connection, project_id, asked.wish.assignee)
    if assignee is not None and asked.wish.assignee:
        record.person_view(asked.wish.assignee, asked.wish.fact, project_id)
    _note(asked, found)
    return render_template(
        "items.html",
        project=asked.heading,
        fact=FACTS[asked.wish.fact],
        wish=asked.wish,
        order=asked.order,
        items=found,
        paging=paging,
        assignee=assignee,
        named=asked.named,
    )


def _note(asked: Asked, found: Iterable[Item]) -> None:
    """Note whom the list names, unless it is of one person: that is noted each time."""
    if asked.named and not asked.wish.assignee:
        record.people("items", (it.assignee_id for it in found), Subject("project", asked.wish.project_id))


@page.get("/projects/<id:project_id>/items.csv")
def items_csv(project_id: int) -> ResponseReturnValue:
    return _file(Form.CSV, project_id)


@page.get("/projects/<id:project_id>/items.xlsx")
def items_xlsx(project_id: int) -> ResponseReturnValue:
    return _file(Form.XLSX, project_id)


def _file(form: Form, project_id: int) -> ResponseReturnValue:
    with here.reading() as connection:
        asked = _asked(connection, project_id)
        found = list_items(connection, asked.wish, asked.order, limit=MOST_EXPORTED)
    if asked.wish.assignee and found:
        record.person_view(asked.wish.assignee, asked.wish.fact, project_id)
    _note(asked, found)
    record.export(f"items {asked.wish.fact}", form, len(found), Subject("project", project_id))
    rows = (
        (
            item.key,
            item.title,
            item.tracker_kind,
            item.status,
            item.assignee if asked.named else say("not_shown"),
            item.start,
            item.due,
            item.finished_on,
            None if item.estimate_s is None else round(item.estimate_s / 3600, 2),
            item.updated_at,
            item.url,
        )
        for item in found
    )
    return file(form, f"items-{project_id}-{asked.wish.fact}", [say("item_head", name) for name in HEAD], rows)
