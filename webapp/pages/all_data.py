"""Overlay fields of many projects: one field after the other filled in on a page, or all of them in a file."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.overlay.enter import RefusedError
from portfolio.overlay.fields import Field, Type
from portfolio.overlay.files import Answer, FileError
from portfolio.overlay.rights import enterable, shown
from portfolio.overlay.text import LONGEST
from sync.overlay import ImportRefusedError, enter_data, import_data
from webapp import here, record, signin
from webapp.export import Form, bare, file
from webapp.queries import overlay as query
from webapp.tables import read_id, read_paging, read_text
from webapp.words import with_state

PAGE_SIZE = 50
REFUSED = 422
TOLD = " (tracker)"
"""After the name of the column of an export that an import passes over."""

page = Blueprint("all_data", __name__, url_prefix="/mapping/projects-data")


def _field() -> Field:
    """The field asked for, else the first one."""
    fields = shown(signin.viewer())
    return next((field for field in fields if field.name == request.args.get("field")), fields[0])


@page.get("")
def table() -> ResponseReturnValue:
    return _shown()


@page.post("")
def save() -> ResponseReturnValue:
    """Enter what was changed on the page, of one field of its projects: all of it, or nothing."""
    field, form = _field(), request.form
    typed: dict[int, Mapping[str, str]] = {}
    for name, text in form.items():
        ident = read_id({"id": name.removeprefix("value-")}, "id") if name.startswith("value-") else None
        if ident is not None and text.strip() != form.get(f"was-{ident}", "").strip():
            typed[ident] = {field.name: text}
    try:
        enter_data(here.engine(), typed, here.now(), signin.name(), signin.actor())
    except RefusedError as error:
        return _shown(faults={fault.project_id: fault.message for fault in error.faults}), REFUSED
    flash(str(len(typed)), "saved")
    return redirect(url_for("all_data.table") + with_state())


@page.post("/import")
def take_in() -> ResponseReturnValue:
    """Enter what a file holds, all or nothing; every row is answered."""
    names = enterable(signin.viewer())
    sent = request.files.get("file")
    try:
        content = sent.read().decode("utf-8-sig") if sent else request.form.get("rows", "")
        answers = import_data(here.engine(), content, bare, names, here.now(), signin.name(), signin.actor())
    except UnicodeDecodeError:
        return _shown(wrong="The file is not written in UTF-8. Save it as CSV (UTF-8)."), REFUSED
    except FileError as error:
        return _shown(wrong=str(error)), REFUSED
    except ImportRefusedError as error:
        return _shown(answers=error.answers), REFUSED
    return _shown(answers=answers)


@page.get("/export.csv")
def export_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/export.xlsx")
def export_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    names = [field.name for field in shown(signin.viewer())]
    with here.reading() as connection:
        found = query.everything(connection, names)
    record.export("project data", form, len(found))
    rows = (
        (
            code,
            project,
            *(lines[name].entered if name in lines else None for name in names),
            *(lines[name].told if name in lines else None for name in names),
        )
        for _, code, project, lines in found
    )
    return file(form, "projects-data", ["code", "name", *names, *(f"{name}{TOLD}" for name in names)], rows)


def _shown(faults: Mapping[int, str] | None = None, answers: tuple[Answer, ...] | None = None, wrong: str = "") -> str:
    viewer, field = signin.viewer(), _field()
    wish = query.Wish(field.name, read_text(request.args, "q"), request.args.get("missing") != "1")
    with here.reading() as connection:
        paging = read_paging(request.args, query.count_column(connection, field.name, wish), PAGE_SIZE)
        lines = query.column(connection, field.name, wish, limit=paging.size, offset=paging.offset)
        suggested = field.type in (Type.PERSON, Type.TEXT)
        known = {field.name: query.known_texts(connection, field.name, viewer)} if suggested else {}
    return render_template(
        "all_data.html",
        field=field,
        fields=shown(viewer),
        lines=lines,
        paging=paging,
        wish=wish,
        known=known,
        typed=request.form,
        faults=faults or {},
        answers=answers,
        wrong=wrong,
        longest=LONGEST,
    )
