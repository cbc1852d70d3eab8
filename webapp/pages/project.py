"""The project page: what it is, how it stands, why, and the way down to the items and into the tracker."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from portfolio.access.masks import figures_sight, judges, load_sight
from portfolio.access.narrow import in_project
from portfolio.overlay.rights import enterable, shown
from webapp import here, record, signin
from webapp.queries import project as query
from webapp.queries.columns import ON_PAGE, attention, dimensions, subjects
from webapp.queries.completeness import of_project as complete_of
from webapp.queries.crew import crew_of
from webapp.queries.dependencies import links_of
from webapp.queries.milestones import milestones_of
from webapp.queries.overlay import of_project
from webapp.queries.readings import AGE, age_now, newest, newest_roll_up

page = Blueprint("project", __name__)


@page.get("/projects/<id:project_id>")
def project(project_id: int) -> ResponseReturnValue:
    viewer = signin.viewer()
    with here.reading() as connection:
        heading = query.find_heading(connection, project_id, viewer)
        if heading is None:
            abort(404)
        last = newest_roll_up(connection)
        day = last.as_of if last else None
        readings = newest(connection, day, ("project",), viewer, scope_id=project_id) if day else {}
        own = dict(readings.get(("project", project_id), {}))
        if own:
            own[AGE] = age_now(connection, project_id, here.now())
        near = in_project(connection, viewer, project_id)
        crew = crew_of(connection, project_id, day or here.today(), load_sight(near), figures_sight(near))
        parts = {
            "computed_at": last.computed_at if last else None,
            "refs": query.refs_of(connection, project_id),
            "milestones": milestones_of(connection, project_id, day or here.today(), here.now()),
            "crew": crew,
            "reports": query.reports_of(connection, project_id, here.zone(), judged=judges(near)),
            "links": links_of(connection, project_id, viewer),
            "judged": judges(near),
            "data_fields": shown(near),
            "data": of_project(connection, project_id, [field.name for field in shown(near)]),
            "may_enter": bool(enterable(near)),
            "complete": complete_of(connection, project_id).values(),
        }
    if crew.persons:
        record.people_view(project_id)
    return render_template(
        "project.html",
        project=heading,
        readings=own,
        day=day,
        dimensions=dimensions(own),
        subjects=subjects(own),
        red=attention(own, "red"),
        amber=attention(own, "amber"),
        on_page=ON_PAGE,
        **parts,
    )
