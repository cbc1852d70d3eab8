"""The runs: whether everything is current, what is being read now, the list, one run; starting and stopping one.

A run is not started in the request: the wish is written down, and whichever process syncs takes it up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sync.schedule import requests
from webapp import here, signin
from webapp.queries import runs as query
from webapp.queries.absences import holds
from webapp.queries.budgets import budgets
from webapp.queries.freshness import connection_states
from webapp.queries.live import Live, live
from webapp.queries.schedules import Asked, asked_for, next_run
from webapp.tables import read_choice, read_id, read_paging

PAGE_SIZE = 50
MODES = (*requests.MODES, "named", requests.REMAP)
# A process that syncs looks for requests far more often than this.
TAKEN_WITHIN = timedelta(minutes=1)
SEEN = "X-Seen"
# The whole of the page instead of the part that was asked for.
ALL_OF_IT = {"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"}

page = Blueprint("runs", __name__)


def _seen(runs: Sequence[Live], asked: Sequence[Asked]) -> str:
    """What is under way and asked for: while it stays the same, only figures move."""
    return ".".join([*(str(it.run.id) for it in runs), *(f"{it.connection_id}-{it.mode}" for it in asked)])


def _not_taken(runs: Sequence[Live], asked: Sequence[Asked]) -> list[Asked]:
    """The requests that a process should have taken up by now, and none has."""
    busy = {it.run.connection_id for it in runs}
    waiting = (it for it in asked if it.enabled and it.connection_id not in busy)
    return [it for it in waiting if here.now() - it.at > TAKEN_WITHIN]


@page.get("/runs")
def runs() -> ResponseReturnValue:
    """The page. A script that asks for the moving part gets it, or the whole page when a run began or ended since."""
    chosen, mode = read_id(request.args, "connection"), read_choice(request.args, "mode", MODES)
    now = here.now()
    with here.reading() as connection:
        under_way, asked = live(connection, now), asked_for(connection)
        seen = _seen(under_way, asked)
        states = connection_states(connection, now)
        moving = {
            "states": states,
            "live": under_way,
            "asked": asked,
            "not_taken": _not_taken(under_way, asked),
        }
        if here.partial() and request.headers.get(SEEN) == seen:
            return render_template("runs_moving.html", **moving)
        paging = read_paging(request.args, query.count_runs(connection, chosen, mode), PAGE_SIZE)
        shown = {
            "runs": query.list_runs(connection, chosen, mode, paging),
            "paging": paging,
            "newest": query.newest_by_mode(connection),
            "budgets": budgets(connection),
            "holds": holds(connection),
        }
    answer = make_response(
        render_template(
            "runs.html",
            seen=seen,
            due={it.id: next_run(it.schedules, now) for it in states},
            connections=[(it.id, it.name) for it in states],
            chosen=chosen,
            mode=mode,
            modes=MODES,
            **moving,
            **shown,
        )
    )
    if here.partial():
        answer.headers.update(ALL_OF_IT)
    return answer


@page.get("/runs/<id:run_id>")
def run(run_id: int) -> ResponseReturnValue:
    """One run. While it is under way, a script asks for its page again and again."""
    with here.reading() as connection:
        line = query.find_run(connection, run_id)
        if line is None:
            abort(404)
        streams = query.streams_of(connection, run_id)
        under_way = next((it for it in live(connection, here.now()) if it.run.id == run_id), None)
        held = [it for it in holds(connection) if it.run_id == run_id]
    return render_template("run.html", run=line, streams=streams, live=under_way, holds=held)


@page.post("/connections/<id:connection_id>/runs")
def start(connection_id: int) -> ResponseReturnValue:
    """Ask for a run of a connection."""
    mode = read_choice(request.form, "mode", requests.MODES)
    with here.reading() as connection:
        name = dict(query.connection_names(connection)).get(connection_id)
    if mode is None or name is None:
        abort(404)
    requests.request(here.engine(), connection_id, mode, signin.name(), here.now(), signin.actor())
    flash(name, f"asked-{mode}")
    return redirect(url_for("runs.runs"))


@page.post("/runs/<id:run_id>/stop")
def stop(run_id: int) -> ResponseReturnValue:
    """Ask a run to stop."""
    if not requests.ask_to_stop(here.engine(), run_id, signin.name(), here.now(), signin.actor()):
        flash(str(run_id), "over")
    return redirect(url_for("runs.run", run_id=run_id))
