"""GET /api/v1/portfolio: portfolios, programs and projects in sight, with their newest readings."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from flask import Blueprint, Response

from webapp import here, signin
from webapp.api.asked import Nothing, answer, query
from webapp.api.readings import Reading, readings
from webapp.queries.portfolio import GroupLine, ProjectLine, load, readings_of_all, with_readings

part = Blueprint("portfolio", __name__)


class Project(msgspec.Struct, frozen=True):
    """A project. `rag` is computed, `reported_rag` its own word. `permitted` is False where its figures are not shown
    to the user's roles."""

    id: int
    code: str
    name: str
    status: str
    portfolio_id: int | None
    program_id: int | None
    manager_id: int | None
    manager: str | None
    permitted: bool
    rag: str
    reported_rag: str | None
    reported_status: str | None
    reported_at: datetime | None
    readings: list[Reading]


class Group(msgspec.Struct, frozen=True):
    """A portfolio or program. `colours` counts its projects. `permitted` is False where some of its projects are out of
    sight: its figures would tell of them."""

    id: int
    name: str
    owner: str | None
    portfolio_id: int | None
    permitted: bool
    colours: dict[str, int]
    readings: list[Reading]


class Portfolio(msgspec.Struct, frozen=True):
    """Everything in sight. `all` is rolled up over every project, and empty unless all are in sight."""

    as_of: date | None
    computed_at: datetime | None
    portfolios: list[Group]
    programs: list[Group]
    projects: list[Project]
    all: list[Reading]


def project(line: ProjectLine) -> Project:
    """The project as it stands in the API."""
    return Project(
        line.id,
        line.code,
        line.name,
        line.status,
        line.portfolio_id,
        line.program_id,
        line.manager_id,
        line.manager,
        line.permitted,
        line.rag,
        line.reported_rag,
        line.reported_status,
        line.reported_at,
        readings(line.readings.values()),
    )


def _group(line: GroupLine) -> Group:
    colours, found = dict(line.colours), readings(line.readings.values())
    return Group(line.id, line.name, line.owner, line.portfolio_id, line.permitted, colours, found)


@part.get("/portfolio")
def portfolio() -> Response:
    query(Nothing)
    viewer = signin.viewer()
    with here.reading() as connection:
        loaded = load(connection, viewer)
        portfolios = list(with_readings(connection, viewer, loaded, loaded.portfolios.values()))
        programs = list(with_readings(connection, viewer, loaded, loaded.programs.values()))
        projects = list(with_readings(connection, viewer, loaded, loaded.projects))
        of_all, _ = readings_of_all(connection, viewer, loaded)
    return answer(
        Portfolio(
            loaded.as_of,
            loaded.computed_at,
            [_group(line) for line in portfolios],
            [_group(line) for line in programs],
            [project(line) for line in projects],
            readings(of_all.values()),
        )
    )
