"""GET /api/v1/projects and /projects/<id>: the projects in sight, and one with all that is known of it.

A project out of sight is answered exactly as one that does not exist.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from flask import Blueprint, Response, abort

from portfolio.access.masks import judges
from portfolio.access.narrow import in_project
from portfolio.facts.gather import day_of
from portfolio.kpis.rag import OVERALL
from portfolio.overlay.fields import FIELDS
from portfolio.overlay.rights import shown
from webapp import here, signin
from webapp.api.asked import Nothing, Part, answer, query
from webapp.api.portfolio import Project as Listed
from webapp.api.portfolio import project as line_of
from webapp.api.readings import Reading, readings
from webapp.queries import project as pages
from webapp.queries.milestones import milestones_of
from webapp.queries.overlay import Line, of_project
from webapp.queries.portfolio import load, with_readings
from webapp.queries.readings import AGE, age_now, colours_by_day, newest, newest_day
from webapp.words import web_address

part = Blueprint("projects", __name__)


class Projects(msgspec.Struct, frozen=True):
    """Some of the projects in sight, by name."""

    total: int
    limit: int
    offset: int
    projects: list[Listed]


class Named(msgspec.Struct, frozen=True):
    """A portfolio or program by its name."""

    id: int
    name: str


class Ref(msgspec.Struct, frozen=True):
    """A project of a tracker that feeds this one."""

    connection: str
    tracker: str
    key: str
    name: str
    url: str | None
    archived: bool


class Milestone(msgspec.Struct, frozen=True):
    """`slip` is in working days, negative when early; `state` is cancelled, reached, overdue, ahead or undated."""

    name: str
    url: str | None
    baseline: date | None
    due: date | None
    finished_on: date | None
    state: str
    slip: int | None


class Report(msgspec.Struct, frozen=True):
    """What the project said of itself. `computed` is the colour computed for that day, where there was one."""

    rag: str | None
    status: str
    title: str
    author: str | None
    created_at: datetime
    computed: str | None


class Datum(msgspec.Struct, frozen=True):
    """What is known of one field beside what the tracker always says. `value` counts: what was entered, else what the
    tracker tells. Money with its currency, days as ISO dates, persons by name."""

    field: str
    value: str | None
    entered: str | None
    entered_by: str | None
    entered_at: datetime | None
    told: str | None
    told_by: str | None
    told_at: datetime | None
    differs: bool


class Project(msgspec.Struct, frozen=True):
    """One project. `permitted` is False where its figures are not shown to the user's roles."""

    id: int
    code: str
    name: str
    status: str
    portfolio: Named | None
    program: Named | None
    manager_id: int | None
    manager: str | None
    sponsor: str | None
    start: date | None
    due: date | None
    reported_rag: str | None
    reported_status: str | None
    reported_at: datetime | None
    permitted: bool
    as_of: date | None
    readings: list[Reading]
    refs: list[Ref]
    milestones: list[Milestone]
    reports: list[Report]
    data: list[Datum]


def _named(id_: int | None, name: str | None) -> Named | None:
    return None if id_ is None or name is None else Named(id_, name)


def _datum(line: Line) -> Datum:
    return Datum(
        line.field,
        line.value,
        line.entered,
        line.entered_by,
        line.entered_at,
        line.told,
        line.teller,
        line.told_at,
        line.differs,
    )


@part.get("/projects")
def projects() -> Response:
    asked = query(Part)
    viewer = signin.viewer()
    with here.reading() as connection:
        loaded = load(connection, viewer)
        found = loaded.projects
        part = found[asked.offset : asked.offset + asked.limit]
        some = list(with_readings(connection, viewer, loaded, part))
    return answer(Projects(len(found), asked.limit, asked.offset, [line_of(line) for line in some]))


@part.get("/projects/<id:project_id>")
def project(project_id: int) -> Response:
    query(Nothing)
    viewer, now = signin.viewer(), here.now()
    with here.reading() as connection:
        heading = pages.find_heading(connection, project_id, viewer)
        if heading is None:
            abort(404)
        near = in_project(connection, viewer, project_id)
        judged = judges(near)
        lines = of_project(connection, project_id, [field.name for field in shown(near)])
        day = newest_day(connection)
        own = newest(connection, day, ("project",), viewer, scope_ids=(project_id,)) if day else {}
        found = dict(own.get(("project", project_id), {}))
        if found:
            found[AGE] = age_now(connection, project_id, now)
        refs = pages.refs_of(connection, project_id)
        milestones = milestones_of(connection, (project_id,), day_of(connection, day or here.today(), now))
        reports = pages.reports_of(
            connection, project_id, here.zone(), colours_by_day(connection, project_id, OVERALL) if judged else ()
        )
    return answer(
        Project(
            id=heading.id,
            code=heading.code,
            name=heading.name,
            status=heading.status,
            portfolio=_named(heading.portfolio_id, heading.portfolio),
            program=_named(heading.program_id, heading.program),
            manager_id=heading.manager_id,
            manager=heading.manager,
            sponsor=heading.sponsor,
            start=heading.start,
            due=heading.due,
            reported_rag=heading.reported_rag,
            reported_status=heading.reported_status,
            reported_at=heading.reported_at,
            permitted=judged,
            as_of=day,
            readings=readings(found.values()),
            refs=[Ref(it.connection, it.tracker, it.key, it.name, web_address(it.url), it.archived) for it in refs],
            milestones=[
                Milestone(it.name, web_address(it.url), it.baseline, it.due, it.finished_on, it.state, it.slip)
                for it in milestones
            ],
            reports=[Report(it.rag, it.status, it.title, it.author, it.created_at, it.computed) for it in reports],
            data=[_datum(lines[name]) for name in FIELDS if name in lines],
        )
    )
