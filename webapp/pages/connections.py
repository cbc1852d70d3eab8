"""The connections: whether each is current, and what to do next. Shows no setting and no secret."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp import here
from webapp.queries.freshness import connection_states

page = Blueprint("connections", __name__)


@page.get("/connections")
def connections() -> ResponseReturnValue:
    with here.reading() as connection:
        states = connection_states(connection)
    return render_template("connections.html", states=states)
