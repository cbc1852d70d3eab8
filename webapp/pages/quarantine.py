"""The quarantine: records that could not be read, each with its reason, and the payload as it came."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from webapp import here
from webapp.queries import quarantine as query
from webapp.queries.runs import connection_names
from webapp.tables import read_id, read_paging, read_text

PAGE_SIZE = 50

page = Blueprint("quarantine", __name__)


@page.get("/quarantine")
def quarantine() -> ResponseReturnValue:
    chosen = read_id(request.args, "connection")
    text = read_text(request.args, "q")
    with here.reading() as connection:
        paging = read_paging(request.args, query.count_held(connection, chosen, text), PAGE_SIZE)
        held = query.list_held(connection, chosen, text, paging)
        names = connection_names(connection)
    return render_template("quarantine.html", held=held, paging=paging, connections=names, chosen=chosen, text=text)


@page.get("/quarantine/<id:held_id>")
def record(held_id: int) -> ResponseReturnValue:
    with here.reading() as connection:
        found = query.find_held(connection, held_id)
    if found is None:
        abort(404)
    held, payload = found
    return render_template("quarantine_record.html", held=held, payload=payload)
