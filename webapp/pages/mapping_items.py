"""The items behind the counts of overlaps and gaps, with links into the tracker, and the same as a file."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp import here, record, signin
from webapp.access import SEE_MAPPING
from webapp.export import Form, file
from webapp.queries.gaps import SORTS, Gap, Wish, count_items, list_items
from webapp.queries.runs import connection_names
from webapp.tables import Order, read_choice, read_id, read_order, read_paging, read_text
from webapp.words import say

PAGE_SIZE = 100
MOST_EXPORTED = 50_000
HEAD = ("key", "title", "kind", "status", "connection", "projects", "updated", "url")

page = Blueprint("mapping_items", __name__, url_prefix="/mapping")


class Asked(NamedTuple):
    """What the URL asks for. `whole`: the viewer sees all items, so those in no project, too."""

    wish: Wish
    order: Order
    whole: bool


def _asked() -> Asked:
    whole = SEE_MAPPING.met_by(signin.viewer())
    gaps = tuple(Gap) if whole else (Gap.SEVERAL,)
    gap = Gap(read_choice(request.args, "gap", gaps) or gaps[0])
    wish = Wish(gap, read_id(request.args, "connection"), read_text(request.args, "q"))
    return Asked(wish, read_order(request.args, SORTS, "-updated"), whole)


@page.get("/items")
def items() -> ResponseReturnValue:
    """The items in no project, or in several: of those whose mapping the viewer may see."""
    asked, viewer = _asked(), signin.viewer()
    with here.reading() as connection:
        paging = read_paging(request.args, count_items(connection, viewer, asked.wish), PAGE_SIZE)
        found = list_items(connection, viewer, asked.wish, asked.order, limit=paging.size, offset=paging.offset)
        # Which connections there are, is for who looks after all of them.
        names = connection_names(connection) if asked.whole else ()
    return render_template("mapping_items.html", items=found, paging=paging, connections=names, **asked._asdict())


@page.get("/items.csv")
def items_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/items.xlsx")
def items_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    asked = _asked()
    with here.reading() as connection:
        found = list_items(connection, signin.viewer(), asked.wish, asked.order, limit=MOST_EXPORTED)
    name = f"items-{asked.wish.gap}"
    record.export(name, form, len(found))
    rows = (
        (
            it.key,
            it.title,
            it.kind,
            it.status,
            it.connection,
            "; ".join((*it.projects, *([say("more_unseen", str(it.unseen))] if it.unseen else ()))),
            it.updated_at,
            it.url,
        )
        for it in found
    )
    return file(form, name, [say("item_head", each) for each in HEAD], rows)
