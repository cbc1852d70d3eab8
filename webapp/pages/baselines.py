"""The baselines of a project: its versions, taking and deciding on one, and how the plan of today differs."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.access.matrix import Capability, Right
from portfolio.access.narrow import in_project
from portfolio.access.viewer import Viewer
from portfolio.baselines.decide import LONGEST_REASON, BaselineError, By, approve, propose, reject
from portfolio.baselines.differences import Differences, between, since
from portfolio.baselines.versions import Version, versions
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.queries.project import Heading, find_heading

REFUSED = 422
TAKES = (Right.PROPOSE, Right.EDIT, Right.APPROVE)
DECISIONS = {"approve": approve, "reject": reject}

page = Blueprint("baselines", __name__)


def _open(connection: Connection, project_id: int, *rights: Right) -> tuple[Heading, Viewer]:
    """The project, and the viewer as they are to it."""
    viewer = signin.viewer()
    project = find_heading(connection, project_id, viewer)
    if project is None:
        abort(404)
    near = in_project(connection, viewer, project_id)
    if not near.may(Capability.BASELINES, *rights):
        abort(403)
    return project, near


@page.get("/projects/<id:project_id>/baselines")
def baselines(project_id: int) -> ResponseReturnValue:
    """All versions, and the differences between two of them, or between one and today."""
    return _shown(project_id)


def _shown(project_id: int, fault: str = "") -> ResponseReturnValue:
    with here.reading() as connection:
        project, near = _open(connection, project_id, Right.VIEW)
        found = versions(connection, project_id, here.today())
        earlier, later = _chosen(found)
        differences = _differences(connection, project_id, earlier, later)
    shown = render_template(
        "baselines.html",
        project=project,
        versions=found,
        earlier=earlier,
        later=later,
        differences=differences,
        may_take=near.may(Capability.BASELINES, *TAKES),
        may_decide=near.may(Capability.BASELINES, Right.APPROVE),
        me=signin.name(),
        longest=LONGEST_REASON,
        fault=fault,
    )
    return (shown, REFUSED) if fault else shown


def _chosen(found: tuple[Version, ...]) -> tuple[Version | None, Version | None]:
    """The version to look back to (the one in force unless another is named), and the later one, None for today."""
    by_number = {str(version.version): version for version in found}
    standing = next((version for version in found if version.in_force), found[0] if found else None)
    return by_number.get(request.args.get("from", ""), standing), by_number.get(request.args.get("to", ""))


def _differences(
    connection: Connection, project_id: int, earlier: Version | None, later: Version | None
) -> Differences | None:
    if earlier is None:
        return None
    if later is None:
        return since(connection, earlier.id, project_id, here.today())
    return between(connection, earlier.id, later.id)


@page.post("/projects/<id:project_id>/baselines")
def take(project_id: int) -> ResponseReturnValue:
    """Propose the plan as it stands."""
    with here.reading() as connection:
        _open(connection, project_id, *TAKES)
    reason, by = request.form.get("reason", ""), By(signin.name(), signin.actor())
    try:
        with writing(here.engine()) as store:
            version = propose(store, project_id, here.today(), here.now(), by, reason)
    except BaselineError as error:
        return _shown(project_id, str(error))
    flash(str(version), "baseline-proposed")
    return redirect(url_for("baselines.baselines", project_id=project_id))


@page.post("/projects/<id:project_id>/baselines/decision")
def decide(project_id: int) -> ResponseReturnValue:
    """Approve or reject a proposed version."""
    with here.reading() as connection:
        _open(connection, project_id, Right.APPROVE)
    chosen, version = DECISIONS.get(request.form.get("do", "")), request.form.get("version", "")
    if chosen is None or not version.isdecimal() or len(version) > 9:
        abort(400)
    try:
        with writing(here.engine()) as store:
            now = here.now().astimezone(here.zone())
            chosen(store, project_id, int(version), now, By(signin.name(), signin.actor()))
    except BaselineError as error:
        return _shown(project_id, str(error))
    flash(version, f"baseline-{request.form['do']}")
    return redirect(url_for("baselines.baselines", project_id=project_id))
