"""People as a table: taken away as CSV, changed elsewhere, and taken in, all of it or nothing."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sync.errors import TableError
from sync.identities.exporting import HEAD, people_table, report
from sync.identities.headings import COLUMNS
from sync.identities.importing import Imported, import_people
from sync.identities.sheet import read_sheet
from webapp import here, record, signin
from webapp.export import Form, bare, file

MOST_SHOWN = 50

page = Blueprint("who_table", __name__)


@page.get("/people/table")
def table() -> ResponseReturnValue:
    return _page()


def _page(done: Imported | None = None, fault: str = "") -> str:
    shown = {"columns": COLUMNS, "most": MOST_SHOWN, "typed": request.form.get("rows", "")}
    return render_template("who_table.html", done=done, fault=fault, **shown)


@page.post("/people/table")
def take_in() -> ResponseReturnValue:
    """Take a file or pasted rows in; or, with do=report, answer each row in a file and change nothing."""
    sent = request.files.get("file")
    dry = request.form.get("do") == "report"
    try:
        body = sent.read() if sent is not None and sent.filename else request.form.get("rows", "").encode()
        sheet = read_sheet(body, bare)
        done = import_people(here.engine(), sheet, here.now().astimezone(here.zone()), signin.actor(), dry=dry)
    except TableError as error:
        return _page(fault=str(error)), 422
    if dry:
        record.export("people import", Form.CSV, len(sheet.rows))
        return file(Form.CSV, "people-report", *report(sheet, done))
    if not done.done:
        return _page(done), 422
    flash(f"{done.count('added')} {done.count('changed')} {done.count('same')}", "taken_in")
    if done.corrects is not None:
        flash(done.corrects.isoformat(), "corrects")
    return redirect(url_for("who_table.table"))


@page.get("/people/table/people.csv")
def export_csv() -> ResponseReturnValue:
    """Everybody with what is entered of them. Noted before it is sent."""
    with here.reading() as connection:
        rows = people_table(connection, here.today())
    record.people("who is who", (int(row[0]) for row in rows))
    record.export("people", Form.CSV, len(rows))
    return file(Form.CSV, "people", HEAD, rows)
