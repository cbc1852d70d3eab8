"""The pictures of a project, each at an address of its own: no page waits for one. And the page with all of them."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from portfolio.access.masks import judges
from portfolio.access.narrow import in_project
from portfolio.facts.charts.blockers import blockers
from portfolio.facts.charts.cone import cone
from webapp import here, progress, signin
from webapp.as_of import as_of
from webapp.charts.answer import picture
from webapp.progress import FIGURES, PLANS
from webapp.queries.project import find_heading
from webapp.queries.trend import weeks_to

page = Blueprint("charts", __name__)


@page.get("/projects/<id:project_id>/progress")
def of_project(project_id: int) -> ResponseReturnValue:
    viewer = signin.viewer()
    with here.reading() as connection:
        heading = find_heading(connection, project_id, viewer)
        if heading is None:
            abort(404)
        shown = as_of(connection)
        judged = judges(in_project(connection, viewer, project_id))
        ahead = cone(connection, project_id, shown.day) if judged else None
        parts = {
            "counts": progress.counts_of(connection, project_id, shown) if judged else (),
            "aged": progress.aged(connection, project_id, shown) if judged else (),
            "usual": progress.usual_age(connection, project_id, shown, viewer),
            "blocked": blockers(connection, (project_id,), shown.day),
            "slips": progress.slips(connection, project_id, shown),
        }
    return render_template(
        "progress.html",
        project=heading,
        shown=shown,
        judged=judged,
        cone=ahead,
        reaches=progress.reaches(ahead),
        slip_days=weeks_to(shown.day, progress.WEEKS),
        most_aged=progress.MOST_AGED,
        **parts,
    )


@page.get("/projects/<id:project_id>/charts/<chart>.svg")
def drawn(project_id: int, chart: str) -> ResponseReturnValue:
    viewer = signin.viewer()
    with here.reading() as connection:
        if find_heading(connection, project_id, viewer) is None:
            abort(404)
        known = {**FIGURES, **PLANS} if judges(in_project(connection, viewer, project_id)) else PLANS
        draw = known.get(chart)
        spec = draw(connection, project_id, as_of(connection)) if draw else None
    if spec is None:
        abort(404)
    return picture(spec)
