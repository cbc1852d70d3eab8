"""The program page: how its projects stand, and what they share."""

from __future__ import annotations

from collections import Counter
from datetime import date

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.audit.entry import Subject
from portfolio.facts.charts.blockers import blockers
from portfolio.facts.gather import day_of
from portfolio.kpis.catalogue import KPIS
from webapp import here, record, signin
from webapp.as_of import as_of
from webapp.charts.answer import picture
from webapp.charts.milestones import Dated, timeline
from webapp.queries import program as query
from webapp.queries.columns import dimensions
from webapp.queries.dependencies import links_once
from webapp.queries.milestones import MilestoneLine, milestones_of
from webapp.words import say

FIGURES = tuple(kpi for kpi in ("PRG-01", "SCH-04", "SCH-09", "SCH-05", "FLW-09") if kpi in KPIS)
"""The figures of its projects that the page shows, in order."""
DRAWN = ("reached", "ahead", "overdue")

page = Blueprint("program", __name__)


@page.get("/programs/<id:program_id>")
def program(program_id: int) -> ResponseReturnValue:
    viewer = signin.viewer()
    with here.reading() as connection:
        heading = query.find_program(connection, program_id, viewer)
        if heading is None:
            abort(404)
        shown = as_of(connection)
        members = query.members_of(connection, program_id, viewer, shown.figures)
        ids = {member.id for member in members}
        people = query.people_of(connection, ids, shown.day, viewer)
        parts = {
            "dated": dated(connection, tuple(ids), shown.day),
            "links": links_once(connection, ids, viewer, shown.day),
            "risks": query.risks_of(connection, ids, shown.day),
            "people": people,
            "blocked": blockers(connection, ids, shown.day),
        }
    record.people("items", (one.person_id for one in people.named), Subject("program", program_id))
    return render_template(
        "program.html",
        program=heading,
        shown=shown,
        members=[(member, [(name, each.rag) for name, each in dimensions(member.readings)]) for member in members],
        names={member.id: member.name for member in members},
        colours=Counter(member.rag for member in members if member.permitted),
        figures=[KPIS[kpi] for kpi in FIGURES],
        drawn=DRAWN,
        **parts,
    )


@page.get("/programs/<id:program_id>/milestones.svg")
def milestones(program_id: int) -> ResponseReturnValue:
    viewer = signin.viewer()
    with here.reading() as connection:
        if query.find_program(connection, program_id, viewer) is None:
            abort(404)
        shown = as_of(connection)
        members = query.members_of(connection, program_id, viewer, None)
        found = dated(connection, tuple(member.id for member in members), shown.day)
    names = {member.id: member.name for member in members}
    words = {name: say("chart", name) for name in (*DRAWN, "today")}
    marks = [
        Dated(names[it.project_id], it.name, it.state, day, it.baseline)
        for it in found
        if it.state in DRAWN and (day := it.finished_on or it.due) is not None
    ]
    return picture(timeline(marks, shown.day, words))


def dated(connection: Connection, project_ids: tuple[int, ...], day: date) -> tuple[MilestoneLine, ...]:
    """The milestones of the projects that are not cancelled, by due date."""
    found = milestones_of(connection, project_ids, day_of(connection, day, here.now()))
    return tuple(it for it in found if it.state != "cancelled")
