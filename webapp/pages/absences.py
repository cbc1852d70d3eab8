"""What went missing in the trackers, and the decision on what is held back because it is too much at once."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sync.holds import decide as decide_hold
from webapp import here, record, signin
from webapp.export import Form, file
from webapp.queries import absences as query
from webapp.queries.runs import connection_names
from webapp.tables import read_choice, read_id, read_paging
from webapp.words import say

PAGE_SIZE = 100
MOST_EXPORTED = 50_000
CHOICES = (*query.VERDICTS, query.NOT_ASKED)
DECISIONS = ("retire", "keep")
HEAD = ("connection", "stream", "key", "title", "project", "verdict", "why", "observed", "retired", "url")

page = Blueprint("absences", __name__)


def _wish() -> query.Wish:
    arguments = request.args
    return query.Wish(
        read_id(arguments, "connection"), read_choice(arguments, "verdict", CHOICES), arguments.get("open") == "1"
    )


@page.get("/absences")
def absences() -> ResponseReturnValue:
    wish = _wish()
    with here.reading() as connection:
        paging = read_paging(request.args, query.count_gone(connection, wish), PAGE_SIZE)
        gone = query.list_gone(connection, wish, limit=paging.size, offset=paging.offset)
        names = connection_names(connection)
        holds = query.holds(connection)
    return render_template(
        "absences.html", gone=gone, paging=paging, connections=names, holds=holds, wish=wish, choices=CHOICES
    )


@page.get("/absences.csv")
def absences_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/absences.xlsx")
def absences_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    with here.reading() as connection:
        gone = query.list_gone(connection, _wish(), limit=MOST_EXPORTED)
    record.export("absences", form, len(gone))
    rows = (
        (
            it.connection,
            say("stream", it.stream),
            it.key or it.external_id,
            it.title,
            it.project,
            say("verdict", it.verdict),
            it.why,
            it.observed_at,
            it.applied_at,
            it.url,
        )
        for it in gone
    )
    return file(form, "absences", [say("absence_head", name) for name in HEAD], rows)


@page.post("/connections/<id:connection_id>/hold")
def decide(connection_id: int) -> ResponseReturnValue:
    """Retire what is held back with the next run, or forget that it is missing. Only what was shown is decided on."""
    decision = read_choice(request.form, "decision", DECISIONS)
    shown = read_id(request.form, "missing")
    if decision is None or shown is None:
        abort(400)
    with here.reading() as connection:
        name = dict(connection_names(connection)).get(connection_id, "")
    retire = decision == "retire"
    if decide_hold(
        here.engine(),
        connection_id,
        approve=retire,
        name=signin.name(),
        by=signin.actor(),
        now=here.now(),
        shown=shown,
    ):
        flash(name, "retiring" if retire else "kept")
    else:
        flash("", "changed-hold")
    return redirect(url_for("absences.absences", connection=connection_id, open=1))
