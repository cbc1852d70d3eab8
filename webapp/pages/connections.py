"""The connections: whether each is current, and what to do next. Shows no setting and no secret."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp import here
from webapp.queries.freshness import connection_states
from webapp.queries.runs import gaps_of

page = Blueprint("connections", __name__)


@page.get("/connections")
def connections() -> ResponseReturnValue:
    with here.reading() as connection:
        states = connection_states(connection)
        gaps = gaps_of(connection, [it.last.id for it in states if it.last and it.state == "partial"])
    return render_template("connections.html", states=states, gaps=gaps)
