"""Entering the overlay fields of one project."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.narrow import in_project
from portfolio.overlay.enter import RefusedError
from portfolio.overlay.fields import Type
from portfolio.overlay.rights import enterable, shown
from portfolio.overlay.text import LONGEST
from sync.overlay import enter_data
from webapp import here, signin
from webapp.queries.overlay import known_texts, of_project
from webapp.queries.project import find_heading

REFUSED = 422
WAS = "was-"
"""Before the name of a field: what had been entered of it when the form was made."""

page = Blueprint("project_data", __name__)


@page.route("/projects/<id:project_id>/data", methods=["GET", "POST"])
def edit(project_id: int) -> ResponseReturnValue:
    """The form, and what becomes of it. Only what was changed in the form is entered: all of it, or nothing."""
    viewer = signin.viewer()
    with here.reading() as connection:
        project = find_heading(connection, project_id, viewer)
        if project is None:
            abort(404)
        near = in_project(connection, viewer, project_id)
        names, fields = enterable(near), shown(near)
        if not names:
            abort(403)
        lines = of_project(connection, project_id, [field.name for field in fields])
        own = [field for field in fields if field.name in names]
        suggested = [field.name for field in own if field.type in (Type.PERSON, Type.TEXT)]
        known = {name: known_texts(connection, name, viewer) for name in suggested}
    faults: dict[str, str] = {}
    if request.method == "POST":
        form = request.form
        if not {name.removeprefix(WAS) for name in form} - {"csrf_token"} <= names:
            abort(403)
        # What the form was made from, not what stands by now: somebody else may have entered something meanwhile.
        typed = {name: form[name] for name in names & form.keys() if form[name].strip() != form.get(WAS + name, "")}
        try:
            enter_data(here.engine(), {project_id: typed}, here.now(), signin.name(), signin.actor())
            return redirect(url_for("project.project", project_id=project_id, _anchor="data"))
        except RefusedError as error:
            faults = {fault.field: fault.message for fault in error.faults}
    shown_page = render_template(
        "project_data.html",
        project=project,
        fields=own,
        closed=[field for field in fields if field.name not in names],
        lines=lines,
        known=known,
        typed=request.form,
        faults=faults,
        longest=LONGEST,
    )
    return (shown_page, REFUSED) if faults else shown_page
