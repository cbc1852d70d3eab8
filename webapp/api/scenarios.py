"""GET /api/v1/scenarios and /scenarios/<id>: those one may read, and what one would change, as far as one sees it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from flask import Blueprint, Response, abort
from msgspec import Meta

from portfolio.resources.demand import Need
from portfolio.resources.heat import Cell
from portfolio.resources.periods import MOST, Columns, weeks_from
from portfolio.scenario.kept import Kept
from portfolio.scenario.projects import Finish
from webapp import here, record, signin
from webapp.api.asked import Nothing, Shape, answer, query
from webapp.queries.scenarios import Moved, Told, find_scenario, list_scenarios, tell

DIGITS = 6

part = Blueprint("scenarios", __name__)


class Ahead(Shape, frozen=True):
    """How many weeks, this one first."""

    weeks: Annotated[int, Meta(ge=1, le=MOST[Columns.WEEK])] = 6


class Listed(msgspec.Struct, frozen=True):
    """A scenario that may be read."""

    id: int
    name: str
    owner: str
    mine: bool
    shared: bool
    operations: int
    updated_at: datetime


class Scenarios(msgspec.Struct, frozen=True):
    scenarios: list[Listed]


class LeftOut(msgspec.Struct, frozen=True):
    """An operation that was left out. `why` is for the owner: it may name what others do not see."""

    number: int
    why: str | None


class Week(msgspec.Struct, frozen=True):
    """A week of a person, in hours."""

    capacity: float
    hard: float
    soft: float
    over: float
    level: str


class Person(msgspec.Struct, frozen=True):
    """Whose weeks would be others. `id` null: the scenario adds them."""

    id: int | None
    name: str
    before: list[Week]
    after: list[Week]


class Ends(msgspec.Struct, frozen=True):
    """When a project is done. `beyond`: it could be done only later than in 53 weeks."""

    planned: date | None
    feasible: date | None
    beyond: bool
    half: date | None
    likely: date | None


class Project(msgspec.Struct, frozen=True):
    """A project that would be another."""

    id: int
    name: str
    hours_before: float
    hours_after: float
    before: Ends
    after: Ends


class Month(msgspec.Struct, frozen=True):
    """A month of a role, in hours. `gap` below 0: they are missing."""

    capacity: float
    firm: float
    unassigned: float
    proposed: float
    gap: float


class Role(msgspec.Struct, frozen=True):
    """A role that would have more or less left."""

    role: str | None
    before: list[Month]
    after: list[Month]


class Outcome(msgspec.Struct, frozen=True):
    """What a scenario would change in the sight of whoever asks."""

    scenario: Listed
    weeks: list[date]
    months: list[date]
    left_out: list[LeftOut]
    persons: list[Person]
    projects: list[Project]
    roles: list[Role]


@part.get("/scenarios")
def scenarios() -> Response:
    query(Nothing)
    viewer = signin.viewer()
    with here.reading() as connection:
        found = list_scenarios(connection, viewer)
    return answer(Scenarios([_listed(it, viewer.user_id) for it in found]))


@part.get("/scenarios/<id:scenario_id>")
def scenario(scenario_id: int) -> Response:
    asked, viewer, now = query(Ahead), signin.viewer(), here.now().astimezone(here.zone())
    with here.reading() as connection:
        it = find_scenario(connection, viewer, scenario_id)
        if it is None:
            abort(404)
        told = tell(connection, viewer, it, now, weeks_from(now.date(), asked.weeks))
    record.people("scenarios", (one.person_id for one in told.persons))
    return answer(_outcome(told, viewer.user_id))


def _listed(it: Kept, user_id: int) -> Listed:
    return Listed(it.id, it.name, it.owner, it.owner_id == user_id, it.shared, len(it.operations), it.updated_at)


def _outcome(told: Told, user_id: int) -> Outcome:
    found = told.outcome
    return Outcome(
        _listed(told.kept, user_id),
        list(found.weeks.days),
        list(found.months.days),
        [LeftOut(it.number, it.text if told.mine else None) for it in found.left_out],
        [Person(it.person_id, it.name, *map(_weeks, (it.weeks.before, it.weeks.after))) for it in told.persons],
        [_project(it) for it in told.projects],
        [Role(it.role, *map(_months, (it.before, it.after))) for it in found.roles if it.changed],
    )


def _project(it: Moved) -> Project:
    before, after = (round(hours, DIGITS) for hours in it.change.hours)
    return Project(it.project_id, it.name, before, after, *map(_ends, it.change.finish))


def _weeks(cells: tuple[Cell, ...]) -> list[Week]:
    told = []
    for it in cells:
        capacity, hard, soft, over = (round(hours, DIGITS) for hours in (it.capacity, it.hard, it.soft, it.over))
        told.append(Week(capacity, hard, soft, over, it.level))
    return told


def _months(months: tuple[Need, ...]) -> list[Month]:
    return [
        Month(*(round(hours, DIGITS) for hours in (it.capacity, it.firm, it.unassigned, it.proposed, it.gap)))
        for it in months
    ]


def _ends(it: Finish) -> Ends:
    return Ends(it.planned, it.feasible, it.beyond, it.half, it.likely)
