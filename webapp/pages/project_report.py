"""Reporting the colour of a project here, for projects whose tracker has no place for it, or between two updates."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.narrow import in_project
from portfolio.overlay.reporting import STATUSES
from portfolio.overlay.text import LONGEST, OverlayError
from sync.overlay import report_colour
from webapp import here, signin
from webapp.access import ENTER_DATA
from webapp.queries.project import find_heading

REFUSED = 422

page = Blueprint("project_report", __name__)


@page.route("/projects/<id:project_id>/report", methods=["GET", "POST"])
def write(project_id: int) -> ResponseReturnValue:
    """The form, and what becomes of it."""
    viewer = signin.viewer()
    with here.reading() as connection:
        project = find_heading(connection, project_id, viewer)
        if project is None:
            abort(404)
        if not ENTER_DATA.met_by(in_project(connection, viewer, project_id)):
            abort(403)
    fault: OverlayError | None = None
    if request.method == "POST":
        rag, title = request.form.get("rag", ""), request.form.get("title", "")
        try:
            report_colour(here.engine(), project_id, rag, title, here.now(), signin.name(), signin.actor())
            return redirect(url_for("project.project", project_id=project_id, _anchor="reports"))
        except OverlayError as error:
            fault = error
    typed = request.form
    shown = render_template(
        "project_report.html", project=project, colours=tuple(STATUSES), typed=typed, fault=fault, longest=LONGEST
    )
    return (shown, REFUSED) if fault else shown
