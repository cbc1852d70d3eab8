"""The runs: a list, and one run with its streams."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from webapp import here
from webapp.queries import runs as query
from webapp.tables import read_id, read_paging

PAGE_SIZE = 50

page = Blueprint("runs", __name__)


@page.get("/runs")
def runs() -> ResponseReturnValue:
    chosen = read_id(request.args, "connection")
    with here.reading() as connection:
        paging = read_paging(request.args, query.count_runs(connection, chosen), PAGE_SIZE)
        lines = query.list_runs(connection, chosen, paging)
        names = query.connection_names(connection)
    return render_template("runs.html", runs=lines, paging=paging, connections=names, chosen=chosen)


@page.get("/runs/<id:run_id>")
def run(run_id: int) -> ResponseReturnValue:
    with here.reading() as connection:
        line = query.find_run(connection, run_id)
        if line is None:
            abort(404)
        streams = query.streams_of(connection, run_id)
    return render_template("run.html", run=line, streams=streams)
