"""The data-quality list: what to mend in the trackers, by project manager, each row with the fix and the way there."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portfolio.facts.quality import FAULTS
from webapp import here, record, signin
from webapp.export import Form, file
from webapp.queries.quality import SORTS, Wish, any_open, count_items, list_items, managers
from webapp.tables import Order, read_choice, read_id, read_order, read_paging, read_text
from webapp.words import say, web_address

PAGE_SIZE = 50
MOST_EXPORTED = 50_000
HEAD = ("manager", "project", "key", "title", "kind", "status", "fault", "fix", "updated", "url")

page = Blueprint("quality", __name__)


def _asked() -> tuple[Wish, Order]:
    arguments = request.args
    fault = read_choice(arguments, "fault", FAULTS)
    wish = Wish(fault, read_id(arguments, "manager"), read_id(arguments, "project"), read_text(arguments, "q"))
    return wish, read_order(arguments, SORTS, "project")


@page.get("/data-quality")
def quality() -> ResponseReturnValue:
    """Those of the viewer's projects: of a project manager their own, of a PMO lead all."""
    wish, order = _asked()
    viewer, day, zone = signin.viewer(), here.today(), here.zone()
    with here.reading() as connection:
        of_managers = managers(connection, viewer, day, zone)
        paging = read_paging(request.args, count_items(connection, viewer, wish, day, zone), PAGE_SIZE)
        found = list_items(connection, viewer, wish, day, zone, order, limit=paging.size, offset=paging.offset)
        open_items = bool(of_managers) or any_open(connection, viewer, day)
    counts = {fault: sum(it.faults[fault] for it in of_managers) for fault in FAULTS}
    return render_template(
        "quality.html",
        lines=found,
        paging=paging,
        wish=wish,
        order=order,
        managers=of_managers,
        open_items=open_items,
        items=sum(it.items for it in of_managers),
        counts={fault: count for fault, count in counts.items() if count},
    )


@page.get("/data-quality.csv")
def quality_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/data-quality.xlsx")
def quality_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    """A row for each fault of each item."""
    wish, order = _asked()
    with here.reading() as connection:
        found = list_items(connection, signin.viewer(), wish, here.today(), here.zone(), order, limit=MOST_EXPORTED)
    said = {name: say("quality_fault", name) for name in FAULTS}
    fixes = {(name, it): say("quality_fix", name, it) for name in FAULTS for it in {line.tracker for line in found}}
    record.export("data-quality", form, len(found))
    rows = (
        (
            line.manager,
            line.project,
            line.key,
            line.title,
            line.kind,
            line.status,
            said[name],
            fixes[name, line.tracker],
            line.updated_at,
            web_address(line.url),
        )
        for line in found
        for name in line.faults
    )
    return file(form, "data-quality", [say("quality_head", name) for name in HEAD], rows)
