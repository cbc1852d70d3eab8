"""The project page: what it is, how it stands, why, and the way down to the items and into the tracker."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from portfolio.access.masks import figures_sight, judges, load_sight
from portfolio.access.matrix import Capability, Right
from portfolio.access.narrow import in_project
from portfolio.audit.entry import Subject
from portfolio.baselines.versions import versions
from portfolio.bookings.sides import may_ask
from portfolio.facts.gather import day_of
from portfolio.governance.rule_settings import book_of
from portfolio.governance.scope import project_chain
from portfolio.governance.settings import settings_of
from portfolio.governance.store import KPI, OWN_KPI, RULE, held
from portfolio.kpis.rag import OVERALL
from portfolio.overlay.rights import enterable, shown
from webapp import here, record, signin, trends
from webapp.as_of import asked
from webapp.queries import project as query
from webapp.queries.columns import ON_PAGE, attention, dimensions, subjects
from webapp.queries.completeness import of_refs
from webapp.queries.crew import crew_of
from webapp.queries.dependencies import links_of
from webapp.queries.milestones import milestones_of
from webapp.queries.overlay import of_project
from webapp.queries.quality import faults_of
from webapp.queries.readings import AGE, age_now, grades
from webapp.queries.rules import of_project as rules_of
from webapp.queries.trend import kept_of, standing, weeks_to
from webapp.queries.trend import trends as trends_from

page = Blueprint("project", __name__)


@page.get("/projects/<id:project_id>")
def project(project_id: int) -> ResponseReturnValue:
    viewer = signin.viewer()
    with here.reading() as connection:
        heading = query.find_heading(connection, project_id, viewer)
        if heading is None:
            abort(404)
        of_day = asked(heading.rolled_up)
        day = of_day.figures
        near = in_project(connection, viewer, project_id)
        days = weeks_to(of_day.day)
        kept = kept_of(connection, project_id, trends.MAIN, days, (OVERALL,)) if judges(near) else {}
        own = standing(kept, of_day.day)
        if own and not of_day.past:
            own[AGE] = age_now(connection, project_id, here.now())
        set_ = held(connection, (KPI, OWN_KPI, RULE))
        kpis = settings_of(set_).kpis_of(project_chain(project_id, heading.program_id, heading.type))
        crew = crew_of(connection, project_id, of_day.day, load_sight(near), figures_sight(near))
        moving = trends_from(kept, (kpis[each] for each in trends.MAIN if each in kpis), days)
        colours = [(reading.as_of, reading.rag) for reading in kept.get(OVERALL, ())]
        rules = book_of({thing: it for thing, it in set_.items() if thing.kind == RULE})
        refs = query.refs_of(connection, project_id)
        on_day = day_of(connection, of_day.day, here.now())
        parts = {
            "refs": refs,
            "milestones": milestones_of(connection, (project_id,), on_day),
            "crew": crew,
            "reports": query.reports_of(connection, project_id, here.zone(), colours),
            "links": links_of(connection, (project_id,), viewer, of_day.day),
            "judged": judges(near),
            "data_fields": shown(near),
            "data": of_project(connection, project_id, [field.name for field in shown(near)]),
            "baselines": versions(connection, project_id, here.today())
            if near.may(Capability.BASELINES, Right.VIEW)
            else None,
            "rules": rules_of(connection, project_id) if judges(near) else (),
            "faults": faults_of(connection, viewer, project_id, here.today(), here.zone(), on_day.calendar)
            if judges(near)
            else {},
            "statements": {code: it.rule.statement for code, it in rules.items()},
            "may_ask": may_ask(near),
            "may_enter": bool(enterable(near)),
            "complete": of_refs(ref.counted for ref in refs if ref.counted),
        }
    record.people("items", (line.person_id for line in crew.people), Subject("project", project_id))
    return render_template(
        "project.html",
        project=heading,
        readings=own,
        shown=of_day,
        day=day,
        trends=[trends.line(each) for each in moving],
        chosen=trends.chosen(moving, request.args.get("trend")),
        dimensions=dimensions(own),
        subjects=subjects(own, kpis),
        grades=grades(list(own.values())),
        red=attention(own, "red", kpis),
        amber=attention(own, "amber", kpis),
        on_page=ON_PAGE,
        **parts,
    )
