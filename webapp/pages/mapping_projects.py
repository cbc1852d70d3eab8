"""Project rules: what feeds which project, what counts to two or to none; and what the words of a project mean."""

from __future__ import annotations

from typing import get_args

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec.structs import replace

from sync.errors import StaleDraftError
from sync.mapping.document import Mapping, ProjectRule, Source, SourceType
from sync.mapping.faults import Fault, faults
from sync.mapping.place import steps
from webapp import drafting, here, signin
from webapp.access import SEE_MAPPING
from webapp.queries import fed, mapped
from webapp.queries.gaps import coverage
from webapp.queries.runs import connection_names
from webapp.tables import read_choice, read_id

TYPES: tuple[str, ...] = get_args(SourceType)
MORE_SOURCES = 3
MOST_SOURCES = 50
LONGEST = 2_000
SAVE, REMOVE, EARLIER = "save", "remove", "earlier"

page = Blueprint("mapping_projects", __name__)


@page.get("/mapping/projects")
def projects() -> ResponseReturnValue:
    """The projects in sight with what feeds them; to who sees the whole mapping, the rules too. `rule` opens one."""
    return _page()


def _page(stale: StaleDraftError | None = None) -> str:
    viewer = signin.viewer()
    whole = SEE_MAPPING.met_by(viewer)
    with here.reading() as connection:
        stands = drafting.standing(connection) if whole else drafting.Standing(None, None, 0)
        found = fed.fed_projects(connection, viewer)
        covered = coverage(connection, viewer)
        names = [each for _, each in connection_names(connection)] if whole else []
    rules = stands.mapping.projects
    number = read_id(request.values, "rule")
    opened = rules[number] if number is not None and number < len(rules) else None
    shown = _typed() if stale is not None else opened or ProjectRule()
    return render_template(
        "mapping_projects.html",
        stands=stands,
        whole=whole,
        projects=found,
        covered=covered,
        connections=names,
        rules=rules,
        faults=_faults_of(stands),
        number=number if opened is not None else None,
        rule=shown,
        rows=range(len(shown.sources) + MORE_SOURCES),
        types=TYPES,
        stale=stale,
    )


def _faults_of(stands: drafting.Standing) -> dict[int, list[Fault]]:
    """What is wrong with the draft's rules, by the number of the rule."""
    found: dict[int, list[Fault]] = {}
    for fault in faults(Mapping(projects=stands.mapping.projects)):
        _, number, *_ = steps(fault.place)
        found.setdefault(int(number), []).append(fault)
    return found


@page.post("/mapping/projects")
def change() -> ResponseReturnValue:
    """Write a rule into the draft: a new one, an opened one, its removal, or its place before the one above it."""
    action, number = read_choice(request.form, "do", (SAVE, REMOVE, EARLIER)), read_id(request.form, "rule")
    if action is None or (action != SAVE and number is None):
        abort(400)
    typed = _typed()

    def changed(mapping: Mapping) -> Mapping:
        rules = list(mapping.projects)
        if number is None or number >= len(rules):
            rules += [typed] if action == SAVE and typed != ProjectRule() else []
        elif action == SAVE:
            rules[number] = typed
        elif action == REMOVE:
            del rules[number]
        elif number > 0:
            rules[number - 1 : number + 1] = rules[number], rules[number - 1]
        return replace(mapping, projects=tuple(rules))

    try:
        drafting.edit(changed)
    except StaleDraftError as error:
        return _page(error), 409
    flash("saved", "mapping")
    return redirect(url_for("mapping_projects.projects") + "#rules")


def _typed() -> ProjectRule:
    """The rule as it was typed; a source without a name is none."""
    form = request.form
    sources = []
    for at in range(MOST_SOURCES):
        name = _text(f"source-name-{at}")
        kind = read_choice(form, f"source-type-{at}", TYPES)
        if name and kind is not None:
            given = {"connection": _text(f"source-connection-{at}"), "project": _text(f"source-project-{at}")}
            sources.append(Source(type=kind, name=name, **given))  # type: ignore[arg-type]  # one of the choices
    told = {name: _text(name) for name in ("code", "name", "portfolio", "program")}
    return ProjectRule(sources=tuple(sources), **told)


def _text(name: str) -> str:
    return " ".join(request.form.get(name, "").split())[:LONGEST]


@page.get("/mapping/projects/<id:project_id>")
def project(project_id: int) -> ResponseReturnValue:
    """What feeds a project, and what its items' words count as. Read-only: for whoever sees the project's mapping."""
    with here.reading() as connection:
        found = next((it for it in fed.fed_projects(connection, signin.viewer()) if it.id == project_id), None)
        if found is None:
            abort(404)
        words = mapped.seen_words(connection, project_id=project_id)
    return render_template(
        "mapping_project.html",
        it=found,
        words_seen=words,
    )
