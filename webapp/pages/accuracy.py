"""Planned and actual: what was booked and what was logged in the weeks that are over, and how far the two agree."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp import here, record, signin
from webapp.export import Form, file
from webapp.queries.accuracy import WEEKS, AccuracyView, By, Line, accuracy_view, offered, sees_persons, weeks_seen
from webapp.spreadsheet import Cell
from webapp.tables import read_choice, read_id, read_page_size, read_paging
from webapp.words import say

page = Blueprint("accuracy", __name__)


def _asked() -> tuple[AccuracyView, tuple[date, ...]]:
    viewer = signin.viewer()
    today = here.now().astimezone(here.zone()).date()
    choices = offered(viewer)
    by = By(read_choice(request.args, "by", choices) or choices[0])
    weeks = weeks_seen(viewer, today, read_id(request.args, "number") or WEEKS)
    with here.reading() as connection:
        return accuracy_view(connection, viewer, weeks, by), weeks


@page.get("/resources/actual")
def accuracy() -> ResponseReturnValue:
    found, weeks = _asked()
    paging = read_paging(request.args, len(found.lines), read_page_size(request.args))
    lines = found.lines[paging.offset : paging.offset + paging.size]
    _note(found, lines)
    return render_template(
        "accuracy.html",
        found=found,
        lines=lines,
        weeks=weeks,
        paging=paging,
        offered=offered(signin.viewer()),
        sees_persons=sees_persons(signin.viewer()),
    )


def _note(found: AccuracyView, lines: Iterable[Line]) -> None:
    if found.by is By.PERSON:
        record.people("planned and logged hours", (line.id for line in lines))


@page.get("/resources/actual.csv")
def accuracy_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/resources/actual.xlsx")
def accuracy_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


HEAD = ("row", "persons", "planned", "logged", "least", "most", "accuracy")


def _file(form: Form) -> ResponseReturnValue:
    found, _ = _asked()
    _note(found, found.lines)
    record.export("accuracy", form, len(found.lines))
    head = [say("accuracy_by", found.by) if name == "row" else say("accuracy_head", name) for name in HEAD]
    return file(form, "planned-and-actual", head, _lines(found))


def _lines(found: AccuracyView) -> Iterable[list[Cell]]:
    for line in found.lines:
        it, name = line.found, line.name or say("load_unknown")
        if it is None:
            yield [name, line.persons, say("load_suppressed")]
        else:
            hours = (round(each, 2) for each in it)
            yield [name, line.persons, *hours, None if it.value is None else round(it.value, 4)]
