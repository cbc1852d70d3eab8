"""Key people: the projects that would lose most of their work with one or two persons."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp import here, record, signin
from webapp.export import Form, file
from webapp.queries.key_people import AtRisk, at_risk
from webapp.spreadsheet import Cell
from webapp.tables import read_page_size, read_paging
from webapp.words import say

page = Blueprint("key_people", __name__)


def _found() -> tuple[AtRisk, ...]:
    with here.reading() as connection:
        return at_risk(connection, signin.viewer(), here.now().astimezone(here.zone()))


def _note(rows: Iterable[AtRisk]) -> None:
    record.people("key people", (key.person_id for row in rows for key in row.persons or ()))


@page.get("/resources/key-people")
def key_people() -> ResponseReturnValue:
    found = _found()
    paging = read_paging(request.args, len(found), read_page_size(request.args))
    rows = found[paging.offset : paging.offset + paging.size]
    _note(rows)
    return render_template("key_people.html", found=found, rows=rows, paging=paging)


@page.get("/resources/key-people.csv")
def key_people_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/resources/key-people.xlsx")
def key_people_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


HEAD = ("project", "factor", "items", "units", "person", "alone")


def _file(form: Form) -> ResponseReturnValue:
    found = _found()
    _note(found)
    record.export("key people", form, len(found))
    return file(form, "key-people", [say("key_people_head", name) for name in HEAD], _lines(found))


def _lines(found: Iterable[AtRisk]) -> Iterable[list[Cell]]:
    """A line for each person of a project, without a name where it is not shown."""
    for row in found:
        of_project = (row.name, row.factor, row.items, row.units)
        for key in row.persons or ():
            yield [*of_project, key.name, round(key.share, 4)]
        if row.persons is None:
            yield [*of_project, None, None]
