"""What one rule found of one project: why, what to do, and being let off."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.masks import judges
from portfolio.access.matrix import Capability, Right
from portfolio.access.narrow import in_project
from portfolio.access.viewer import Viewer
from portfolio.facts.gather import day_of
from portfolio.figures.rollup import roll_up
from portfolio.governance import waivers
from portfolio.governance.counting import counted_of, evidence
from portfolio.governance.errors import GovernanceError
from portfolio.governance.predicates.declare import Check
from portfolio.governance.rule_settings import rules_in_force
from portfolio.governance.run import asked
from portfolio.governance.waivers import WaiverError
from portfolio.model.governance import Waiver
from portfolio.store.engine import writing
from portfolio.store.locks import Lock, exclusive
from webapp import here, signin
from webapp.queries.project import find_heading
from webapp.queries.rules import history_of, trackers_of, waivers_of
from webapp.tables import read_id

page = Blueprint("project_rules", __name__)
MOST_SHOWN = 100
REFUSED = 422
_ASKS = (Right.PROPOSE, Right.APPROVE)


@page.get("/projects/<id:project_id>/rules/<code>")
def result(project_id: int, code: str) -> ResponseReturnValue:
    """The result, the rows behind it, the remedy, waivers and history."""
    return _page(project_id, code)


@page.post("/projects/<id:project_id>/rules/<code>")
def change(project_id: int, code: str) -> ResponseReturnValue:
    """Ask for a waiver, decide one, or take one back."""
    act, form = request.form.get("do", ""), request.form
    now = here.now().astimezone(here.zone())
    with here.reading() as connection:
        viewer = signin.viewer()
        if find_heading(connection, project_id, viewer) is None:
            abort(404)
        near = in_project(connection, viewer, project_id)
        own = {it.id: it for it in waivers_of(connection, project_id, code)}
    needed = _ASKS if act in ("request", "withdraw") else (Right.APPROVE,)
    if not near.may(Capability.WAIVERS, *needed):
        abort(403)
    waiver_id = read_id(form, "waiver")
    if act != "request" and waiver_id not in own:
        abort(404)
    if act == "withdraw" and not _is_theirs(own[waiver_id or 0], near):
        abort(403)
    try:
        with writing(here.engine()) as connection:
            # In the order of whoever rolls up: this lock comes before those of settings and of the audit log.
            exclusive(connection, Lock.FIGURES)
            if act == "request":
                until = _day(form.get("valid_to", ""))
                given = form.get("reason", ""), form.get("compensating_control", "")
                waivers.request(connection, project_id, code, *given, until, now, signin.name(), signin.actor())
            elif act == "withdraw":
                waivers.withdraw(connection, waiver_id or 0, now, signin.actor())
            else:
                note, by = form.get("note", ""), (signin.name(), near.person_id, signin.actor())
                waivers.decide(connection, waiver_id or 0, note, now, *by, approve=act == "approve")
            if act != "request":
                roll_up(connection, as_of=now.date(), now=now, project_ids=(project_id,))
    except GovernanceError as error:
        return _page(project_id, code, error), REFUSED
    flash(act, "waiver")
    return redirect(url_for("project_rules.result", project_id=project_id, code=code))


def _is_theirs(waiver: Waiver, near: Viewer) -> bool:
    return waivers.may_withdraw(waiver, signin.name(), decides=near.may(Capability.WAIVERS, Right.APPROVE))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WaiverError("valid_to", "Give the last day as 2026-03-14.") from error


def _page(project_id: int, code: str, error: GovernanceError | None = None) -> str:
    viewer: Viewer = signin.viewer()
    now = here.now().astimezone(here.zone())
    with here.reading() as connection:
        project = find_heading(connection, project_id, viewer)
        near = in_project(connection, viewer, project_id)
        in_force = rules_in_force(connection).get(code)
        if project is None or in_force is None or not judges(near):
            abort(404)
        history = history_of(connection, project_id, code)
        check = asked(in_force, day_of(connection, now.date(), now))
        standing = history[0] if history else None
        failing = standing is not None and standing.outcome in ("fail", "waived")
        rows = evidence(connection, check, project_id, MOST_SHOWN) if failing and isinstance(check, Check) else ()
        counted = counted_of(connection, check, project_id) if isinstance(check, Check) else None
        asked_for = waivers_of(connection, project_id, code)
        trackers = trackers_of(connection, project_id)
    return render_template(
        "project_rule.html",
        project=project,
        rule=in_force.rule,
        result=standing,
        history=history,
        rows=rows,
        counted=counted,
        waivers=asked_for,
        trackers=trackers,
        error=error,
        may_ask=near.may(Capability.WAIVERS, *_ASKS),
        may_decide=near.may(Capability.WAIVERS, Right.APPROVE),
        theirs={it.id for it in asked_for if _is_theirs(it, near)},
        manages=near.person_id is not None and near.person_id == project.manager_id,
        today=now.date(),
    )
