"""Files for calendars: the milestones of a project, and what is assigned to whoever is signed in."""

from __future__ import annotations

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from portfolio.audit.entry import Subject
from portfolio.facts.gather import day_of
from webapp import calendar_file, here, record, signin
from webapp.queries.dated import milestones_dated, own_dated
from webapp.queries.project import find_heading
from webapp.words import say

page = Blueprint("calendar_files", __name__)


@page.get("/projects/<id:project_id>/milestones.ics")
def milestones(project_id: int) -> ResponseReturnValue:
    now = here.now()
    with here.reading() as connection:
        heading = find_heading(connection, project_id, signin.viewer())
        if heading is None:
            abort(404)
        found = milestones_dated(connection, project_id, heading.name, day_of(connection, here.today(), now))
    record.export("milestones", calendar_file.FORM, len(found), Subject("project", project_id))
    return calendar_file.file("milestones", say("dated_name", heading.name), found, now)


@page.get("/account/calendar.ics")
def own() -> ResponseReturnValue:
    """One's own dates only: whose they are, no address says."""
    now = here.now()
    with here.reading() as connection:
        found = own_dated(connection, signin.viewer(), here.today())
    record.export("own dates", calendar_file.FORM, len(found))
    return calendar_file.file("calendar", say("dated_own"), found, now)
