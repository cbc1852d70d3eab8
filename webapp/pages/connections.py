"""The connections: whether each is current and complete, what to do next, on and off. No setting, no secret."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sync.connections import enable_connection
from sync.setup import unfinished
from webapp import here, signin
from webapp.queries.absences import holds
from webapp.queries.completeness import by_connection
from webapp.queries.freshness import connection_states
from webapp.queries.runs import connection_names, gaps_of
from webapp.queries.schedules import next_run
from webapp.queries.webhooks import notices
from webapp.tables import read_choice

page = Blueprint("connections", __name__)


@page.get("/connections")
def connections() -> ResponseReturnValue:
    now = here.now()
    with here.reading() as connection:
        states = connection_states(connection, now)
        gaps = gaps_of(connection, [it.last.id for it in states if it.last and it.state == "partial"])
        shown = {
            "complete": by_connection(connection),
            "notices": notices(connection),
            "holds": holds(connection),
            "unfinished": unfinished(connection),
        }
    due = {it.id: next_run(it.schedules, now) for it in states}
    return render_template("connections.html", states=states, gaps=gaps, due=due, **shown)


@page.post("/connections/<id:connection_id>/switch")
def switch(connection_id: int) -> ResponseReturnValue:
    """Let schedules, webhooks and people sync a connection, or none of them."""
    to = read_choice(request.form, "to", ("on", "off"))
    with here.reading() as connection:
        name = dict(connection_names(connection)).get(connection_id)
    if to is None or name is None:
        abort(404)
    enable_connection(here.engine(), connection_id, to == "on", here.now(), signin.actor())
    flash(name, to)
    return redirect(url_for("connections.connections"))
