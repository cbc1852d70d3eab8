"""Who looked at what concerns oneself: alone, or in lists one stood in."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp import here, signin
from webapp.queries.looks import looks_at_viewer
from webapp.tables import read_id

PAGE_SIZE = 50

page = Blueprint("looks", __name__)


@page.get("/account/looks")
def own() -> ResponseReturnValue:
    viewer, before = signin.viewer(), read_id(request.args, "before")
    with here.reading() as connection:
        found = looks_at_viewer(connection, viewer, PAGE_SIZE + 1, before)
    return render_template(
        "looks.html",
        looks=found[:PAGE_SIZE],
        known=viewer.person_id is not None,
        before=before,
        older=found[PAGE_SIZE - 1].look.id if len(found) > PAGE_SIZE else None,
    )
