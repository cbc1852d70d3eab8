"""Tables of capacity as files: taken away, changed elsewhere, and taken in, all of one or nothing."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sync.capacity.exporting import persons_in, table_out
from sync.capacity.importing import import_table, read_table
from sync.capacity.kind import Kind
from sync.capacity.kinds import KINDS
from sync.errors import TableError
from sync.identities.exporting import report
from sync.identities.importing import Imported
from webapp import here, record, signin
from webapp.export import Form, bare, file

MOST_SHOWN = 50
REFUSED = 422
OUTCOMES = ("added", "changed", "removed", "same")

page = Blueprint("capacity_files", __name__, url_prefix="/resources/files")


@page.get("")
def files() -> ResponseReturnValue:
    return _page()


def _page(done: Imported | None = None, fault: str = "") -> str:
    given = {"kinds": KINDS.values(), "most": MOST_SHOWN, "typed": request.form, "asked": request.values.get("kind")}
    return render_template("resources_files.html", done=done, fault=fault, **given)


@page.post("")
def take_in() -> ResponseReturnValue:
    """Take a file or pasted rows in; or, with do=report, change nothing: what is wrong is answered in a file, row by
    row; where nothing is, what would come of it."""
    kind = _kind(request.form.get("kind", ""))
    sent = request.files.get("file")
    dry, meant = request.form.get("do") == "report", request.form.get("meant") == "1"
    try:
        body = sent.read() if sent is not None and sent.filename else request.form.get("rows", "").encode()
        sheet = read_table(body, bare)
        now = here.now().astimezone(here.zone())
        done = import_table(here.engine(), kind, sheet, now, signin.actor(), dry=dry, meant=meant)
    except TableError as error:
        return _page(fault=str(error)), REFUSED
    if dry and not done.faults:
        return _page(done)
    if dry:
        record.export(f"{kind.name} import", Form.CSV, len(sheet.rows))
        return file(Form.CSV, f"{kind.name}-report", *report(sheet, done))
    if not done.done:
        return _page(done), REFUSED
    flash(" ".join(str(done.count(outcome)) for outcome in OUTCOMES), "taken_in")
    if done.corrects is not None:
        flash(done.corrects.isoformat(), "corrects")
    return redirect(url_for("capacity_files.files", kind=kind.name))


@page.get("/<table>.csv")
def csv(table: str) -> ResponseReturnValue:
    return _file(_kind(table), Form.CSV)


@page.get("/<table>.xlsx")
def xlsx(table: str) -> ResponseReturnValue:
    return _file(_kind(table), Form.XLSX)


def _kind(name: str) -> Kind:
    if name not in KINDS:
        abort(404)
    return KINDS[name]


def _file(kind: Kind, form: Form) -> ResponseReturnValue:
    with here.reading() as connection:
        rows = table_out(connection, kind)
    record.people(kind.told, persons_in(kind, rows))
    record.export(kind.name, form, len(rows))
    return file(form, kind.name, kind.head, rows)
