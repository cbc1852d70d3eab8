"""The watermelon list: projects that report a better colour than their figures, and reports that are late."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp import here, record, signin
from webapp.export import Form, file
from webapp.queries.readings import newest_day
from webapp.queries.watermelon import SORTS, WHICH, Line, Wish, load, wanted
from webapp.tables import Order, read_choice, read_id, read_order, read_paging, read_text
from webapp.words import say

PAGE_SIZE = 50
HEAD = (
    "project",
    "code",
    "reported",
    "reported_on",
    "computed",
    "gap",
    "since",
    "days",
    "age",
    "lag",
    "reason",
    "manager",
)

page = Blueprint("watermelon", __name__)


def _asked() -> tuple[list[Line], list[Line], Wish, Order]:
    """All projects in sight, and those asked for."""
    arguments = request.args
    which = read_choice(arguments, "which", WHICH) or "better"
    wish = Wish(which, read_id(arguments, "manager"), read_text(arguments, "q"))
    order = read_order(arguments, SORTS, "-age" if which == "late" else "-days")
    with here.reading() as connection:
        day = newest_day(connection)
        every = load(connection, signin.viewer(), day, here.now().astimezone(here.zone())) if day else []
    return every, wanted(every, wish, order), wish, order


@page.get("/watermelon")
def watermelon() -> ResponseReturnValue:
    every, found, wish, order = _asked()
    paging = read_paging(request.args, len(found), PAGE_SIZE)
    managers = {line.manager_id: line.manager or "" for line in every if line.manager_id}
    return render_template(
        "watermelon.html",
        every=every,
        better=[line for line in every if line.colours.better],
        both=sum(line.colours.gap is not None for line in every),
        late=sum(line.colours.late for line in every),
        lines=found[paging.offset : paging.offset + paging.size],
        paging=paging,
        wish=wish,
        order=order,
        managers=sorted(managers.items(), key=lambda pair: pair[1].casefold()),
    )


@page.get("/watermelon.csv")
def watermelon_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/watermelon.xlsx")
def watermelon_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    _, found, _, _ = _asked()
    record.export("watermelon", form, len(found))
    rows = (
        (
            line.name,
            line.code,
            say("rag", line.colours.reported) if line.colours.reported else None,
            line.colours.reported_on,
            say("rag", line.colours.computed),
            line.colours.gap,
            line.colours.since,
            line.colours.days,
            line.colours.age,
            line.colours.last_lag,
            line.reason,
            line.manager,
        )
        for line in found
    )
    return file(form, "watermelon", [say("watermelon_head", name) for name in HEAD], rows)
