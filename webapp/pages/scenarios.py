"""What if: the scenarios a viewer may read, what one would change, several side by side, and what it asks of whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.scenario.faults import ScenarioError
from portfolio.scenario.kept import LONGEST_NAME, Kept
from webapp import here, record, signin
from webapp.export import Form, file
from webapp.period_form import read_weeks
from webapp.queries.open_items import MOST_FOUND, OpenItem
from webapp.queries.scenarios import (
    Line,
    Told,
    find_scenario,
    first_lines,
    list_scenarios,
    may_see_cost,
    new_project,
    offered,
    tell,
)
from webapp.scenario_form import MOST_ROLES, read_demand
from webapp.spreadsheet import Cell
from webapp.tables import read_id
from webapp.words import say

REFUSED = 422
MOST_COMPARED = 3
MOST_PERSONS = 50
"""Persons that are shown with their weeks: those with the most hours too much."""
HEAD = ("manager", "project", "item", "title", "what", "url")

page = Blueprint("scenarios", __name__)


@page.get("/resources/scenarios")
def scenarios() -> ResponseReturnValue:
    return shown_list()


def shown_list(fault: str = "") -> ResponseReturnValue:
    """The list, with what was wrong where something was."""
    viewer = signin.viewer()
    with here.reading() as connection:
        found = list_scenarios(connection, viewer)
        first = first_lines(connection, viewer, found, here.now().astimezone(here.zone()))
    given = {"found": found, "first": first, "me": viewer.user_id, "fault": fault}
    shown = render_template("scenarios.html", longest=LONGEST_NAME, most=MOST_COMPARED, **given)
    return (shown, REFUSED) if fault else shown


def opened(connection: Connection, scenario_id: int) -> Kept:
    """The scenario of that id, if the viewer may read it."""
    found = find_scenario(connection, signin.viewer(), scenario_id)
    if found is None:
        abort(404)
    return found


@page.get("/resources/scenarios/<id:scenario_id>")
def scenario(scenario_id: int) -> ResponseReturnValue:
    return shown_one(scenario_id)


def shown_one(
    scenario_id: int, fault: str = "", meant: Sequence[OpenItem] = (), typed: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    """One scenario, with what was wrong where something was. Of the items that may be `meant` one can be chosen for the
    operation that was `typed`."""
    now, viewer = here.now().astimezone(here.zone()), signin.viewer()
    with here.reading() as connection:
        it = opened(connection, scenario_id)
        told = tell(connection, viewer, it, now, read_weeks(request.args, now.date()))
        choices = offered(connection, viewer, now) if told.mine else None
    record.people("scenarios", (*told.named, *(one.person_id for one in told.persons[:MOST_PERSONS])))
    shown = render_template(
        "scenario.html",
        it=told,
        offered=choices,
        with_cost=may_see_cost(viewer),
        fault=fault,
        meant=meant,
        most_found=MOST_FOUND,
        typed=typed or {},
        longest=LONGEST_NAME,
        most=MOST_PERSONS,
    )
    return (shown, REFUSED) if fault else shown


@page.get("/resources/scenarios/compare")
def compare() -> ResponseReturnValue:
    """Two or three scenarios beside each other and the plan as it stands."""
    now, viewer = here.now().astimezone(here.zone()), signin.viewer()
    asked = [ident for text in request.args.getlist("id") if (ident := read_id({"id": text}, "id")) is not None]
    weeks = read_weeks(request.args, now.date())
    with here.reading() as connection:
        readable = {it.id: it for it in list_scenarios(connection, viewer)}
        chosen = [readable[ident] for ident in dict.fromkeys(asked) if ident in readable][:MOST_COMPARED]
        told = [tell(connection, viewer, it, now, weeks) for it in chosen]
    persons = {one.key: one for each in told for one in each.persons if any(one.weeks.weeks_over)}
    projects = {one.project_id: one for each in told for one in each.projects}
    fullest = sorted(persons.values(), key=lambda it: (-it.weeks.over[0], it.name))[:MOST_PERSONS]
    record.people("scenarios", (one.person_id for one in fullest))
    return render_template(
        "scenarios_compared.html",
        told=told,
        readable=tuple(readable.values()),
        persons=fullest,
        projects=sorted(projects.values(), key=lambda it: it.name),
        with_cost=may_see_cost(viewer),
        weeks=weeks,
        most=MOST_COMPARED,
    )


@page.get("/resources/scenarios/start")
def start() -> ResponseReturnValue:
    """From which Monday on there is room for a new project."""
    now, viewer, found, fault = here.now().astimezone(here.zone()), signin.viewer(), None, ""
    with here.reading() as connection:
        choices = offered(connection, viewer, now)
        try:
            asked = read_demand(request.args)
            found = None if asked is None else new_project(connection, viewer, asked, now)
        except ScenarioError as error:
            fault = str(error)
    return render_template(
        "scenario_start.html", found=found, fault=fault, offered=choices, places=range(1, MOST_ROLES + 1)
    )


@page.get("/resources/scenarios/<id:scenario_id>/to-do.csv")
def to_do_csv(scenario_id: int) -> ResponseReturnValue:
    return _file(scenario_id, Form.CSV)


@page.get("/resources/scenarios/<id:scenario_id>/to-do.xlsx")
def to_do_xlsx(scenario_id: int) -> ResponseReturnValue:
    return _file(scenario_id, Form.XLSX)


def _file(scenario_id: int, form: Form) -> ResponseReturnValue:
    now = here.now().astimezone(here.zone())
    with here.reading() as connection:
        it = opened(connection, scenario_id)
        told = tell(connection, signin.viewer(), it, now, read_weeks({}, now.date()))
    record.people("scenarios", told.named)
    record.export("scenario", form, len(told.todo))
    return file(form, "to-do", [say("todo_head", name) for name in HEAD], (_row(told, each) for each in _todo(told)))


def _todo(told: Told) -> list[tuple[int, Line]]:
    by_number = {line.number: line for line in told.lines}
    return [(place, by_number[each.number]) for place, each in enumerate(told.todo)]


def _row(told: Told, each: tuple[int, Line]) -> list[Cell]:
    place, line = each
    it = told.todo[place]
    return [it.manager, it.project, it.key, it.title, say("scenario_operation", replace(line, why=None)), it.url]
