"""The pictures of a project, each at an address of its own: no page waits for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.access.masks import judges
from portfolio.access.narrow import in_project
from webapp import here, signin, trends
from webapp.as_of import AsOf, as_of
from webapp.charts import milestones
from webapp.charts.answer import picture
from webapp.charts.look import Spec
from webapp.queries.project import find_heading
from webapp.queries.slips import slips_of
from webapp.queries.trend import trends_of, weeks_to
from webapp.words import say

SLIP_WEEKS = 27
"""Half a year of weekly dates, both ends included."""

page = Blueprint("charts", __name__)


def _trend(connection: Connection, project_id: int, shown: AsOf) -> Spec | None:
    kpi_id = trends.known(request.args.get("kpi"))
    found = trends_of(connection, project_id, (kpi_id,), weeks_to(shown.day)) if kpi_id else ()
    return trends.picture_of(found[0]) if found else None


def _slip(connection: Connection, project_id: int, shown: AsOf) -> Spec:
    days = weeks_to(shown.day, SLIP_WEEKS)
    lines = [milestones.Line(it.name, it.dues) for it in slips_of(connection, project_id, days) if it.told]
    words = {name: say("chart", name) for name in ("told", "due")}
    return milestones.slip(days, lines, words)


FIGURES: Mapping[str, Callable[[Connection, int, AsOf], Spec | None]] = {"trend": _trend}
"""Pictures of figures, by name: for those who see the figures of the project."""
PLANS: Mapping[str, Callable[[Connection, int, AsOf], Spec]] = {"milestones": _slip}
"""Pictures of what was planned: for all who see the project."""


@page.get("/projects/<id:project_id>/charts/<chart>.svg")
def of_project(project_id: int, chart: str) -> ResponseReturnValue:
    viewer = signin.viewer()
    with here.reading() as connection:
        if find_heading(connection, project_id, viewer) is None:
            abort(404)
        drawn: dict[str, Callable[[Connection, int, AsOf], Spec | None]] = {**PLANS}
        if judges(in_project(connection, viewer, project_id)):
            drawn |= FIGURES
        spec = drawn[chart](connection, project_id, as_of(connection)) if chart in drawn else None
    if spec is None:
        abort(404)
    return picture(spec)
