"""Where what was entered of a project and what its tracker tells differ: listed, and decided."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.overlay.fields import FIELDS
from portfolio.overlay.rights import shown
from sync.overlay import enter_data, keep_entered
from webapp import here, record, signin
from webapp.export import Form, file
from webapp.queries import overlay as query
from webapp.tables import read_choice, read_id, read_order, read_paging, read_text
from webapp.words import say, web_address, with_state

PAGE_SIZE = 50
MOST_EXPORTED = 50_000
DECISIONS = ("told", "entered")
HEAD = ("code", "project", "field", "entered", "entered_by", "entered_at", "told", "teller", "told_at", "url")

page = Blueprint("conflicts", __name__, url_prefix="/mapping")


def _wish(fields: list[str]) -> query.Wish:
    arguments = request.args
    return query.Wish(read_choice(arguments, "field", fields), read_text(arguments, "q"), arguments.get("all") == "1")


@page.get("/conflicts")
def conflicts() -> ResponseReturnValue:
    fields = shown(signin.viewer())
    names = [field.name for field in fields]
    wish, order = _wish(names), read_order(request.args, query.ORDERS, "-told_at")
    with here.reading() as connection:
        paging = read_paging(request.args, query.count_conflicts(connection, wish, names), PAGE_SIZE)
        found = query.conflicts(
            connection, wish, names, order.column, down=order.down, limit=paging.size, offset=paging.offset
        )
    return render_template(
        "conflicts.html", lines=found, paging=paging, wish=wish, order=order, fields={it.name: it for it in fields}
    )


@page.get("/conflicts.csv")
def conflicts_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/conflicts.xlsx")
def conflicts_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    names = [field.name for field in shown(signin.viewer())]
    order = read_order(request.args, query.ORDERS, "-told_at")
    with here.reading() as connection:
        found = query.conflicts(connection, _wish(names), names, order.column, down=order.down, limit=MOST_EXPORTED)
    record.export("conflicts", form, len(found))
    rows = (
        (
            it.code,
            it.project,
            FIELDS[it.field].words,
            it.entered,
            it.entered_by,
            it.entered_at,
            it.told,
            it.teller,
            it.told_at,
            web_address(it.teller_url),
        )
        for it in found
    )
    return file(form, "conflicts", [say("conflict_head", name) for name in HEAD], rows)


@page.post("/conflicts")
def decide() -> ResponseReturnValue:
    """Let the tracker's value count, or say that what was entered goes on counting. The state of the list stays."""
    names = [field.name for field in shown(signin.viewer())]
    project_id, name = read_id(request.form, "project"), read_choice(request.form, "field", names)
    decision = read_choice(request.form, "decision", DECISIONS)
    done = False
    if project_id is not None and name is not None and decision is not None:
        by = (here.now(), signin.name(), signin.actor())
        if decision == "told":
            done = bool(enter_data(here.engine(), {project_id: {name: ""}}, *by))
        else:
            done = keep_entered(here.engine(), project_id, name, *by)
    flash((decision or "gone") if done else "gone", "decided")
    return redirect(url_for("conflicts.conflicts") + with_state())
