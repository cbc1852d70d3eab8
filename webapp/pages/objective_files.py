"""Which projects serve which objectives, as a file: taken away, changed elsewhere, and taken in, all or nothing."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.matrix import Right
from sync.capacity.exporting import table_out
from sync.capacity.importing import import_table, read_table
from sync.errors import TableError
from sync.identities.exporting import report
from sync.identities.importing import Imported
from sync.objective_links import NAME, links_kind
from webapp import here, record, signin
from webapp.export import Form, bare, file
from webapp.pages.capacity_files import MOST_SHOWN, OUTCOMES, REFUSED
from webapp.queries.objectives import project_ids

page = Blueprint("objective_files", __name__)


@page.get("/objectives/links")
def files() -> ResponseReturnValue:
    return _page()


def _page(done: Imported | None = None, fault: str = "") -> str:
    return render_template("objective_files.html", done=done, fault=fault, most=MOST_SHOWN, typed=request.form)


@page.post("/objectives/links")
def take_in() -> ResponseReturnValue:
    """Take a file or pasted rows in; or, with do=report, change nothing: what is wrong is answered in a file, row by
    row; where nothing is, what would come of it."""
    sent = request.files.get("file")
    dry = request.form.get("do") == "report"
    with here.reading() as connection:
        kind = links_kind(connection, signin.name(), project_ids(connection, signin.viewer(), Right.EDIT))
    try:
        body = sent.read() if sent is not None and sent.filename else request.form.get("rows", "").encode()
        sheet = read_table(body, bare)
        done = import_table(here.engine(), kind, sheet, here.now().astimezone(here.zone()), signin.actor(), dry=dry)
    except TableError as error:
        return _page(fault=str(error)), REFUSED
    if dry and not done.faults:
        return _page(done)
    if dry:
        record.export(f"{NAME} import", Form.CSV, len(sheet.rows))
        return file(Form.CSV, f"{NAME}-report", *report(sheet, done))
    if not done.done:
        return _page(done), REFUSED
    flash(" ".join(str(done.count(outcome)) for outcome in OUTCOMES), "taken_in")
    return redirect(url_for("objective_files.files"))


@page.get("/objectives/links.csv")
def csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/objectives/links.xlsx")
def xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    with here.reading() as connection:
        kind = links_kind(connection, signin.name(), project_ids(connection, signin.viewer(), Right.VIEW))
        rows = table_out(connection, kind)
    record.export(NAME, form, len(rows))
    return file(form, NAME, kind.head, rows)
