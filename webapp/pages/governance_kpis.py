"""KPIs as the organisation judges by them: limits, target, on or off, in each scope; what plans are counted in; and
what changes colour."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.facts.units import UNITS
from portfolio.figures import recolour
from portfolio.figures.recolour import Recoloured, recoloured
from portfolio.governance import deciding, store
from portfolio.governance.errors import FaultySettingError, StaleSettingsError
from portfolio.governance.kpi_setting import KpiSetting
from portfolio.governance.scope import EVERYTHING, Level, SettingScope
from portfolio.governance.settings import kpis_in_force, read_settings
from portfolio.governance.store import Course, Wanted
from portfolio.kpis.earned import ON_PLAN, UNIT_SET_WITH
from portfolio.kpis.rag import DIMENSIONS
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.kpi_form import former_number, seen_number, typed_note, typed_scope, typed_setting
from webapp.queries.columns import by_subject
from webapp.queries.setting_scopes import chain_of, names, projects, read_scope

page = Blueprint("governance_kpis", __name__)


Preview = dict[SettingScope, dict[str, Recoloured]]
"""What a decision would do today: the projects that change, each with what changes by KPI."""


@page.get("/governance/kpis")
def kpis() -> ResponseReturnValue:
    """All KPIs as they count in a scope."""
    viewer = signin.viewer()
    with here.reading() as connection:
        settings, number = read_settings(connection), store.number_in_force(connection)
        scope = read_scope(request.args.get("scope", "")) or EVERYTHING
        scopes = names(connection, viewer, {scope} | {it for _, it in settings.set_})
        if scope not in scopes:
            abort(404)
        resolved = settings.of(chain_of(connection, scope))
    return render_template(
        "governance_kpis.html",
        subjects=by_subject(settings.kpis),
        resolved=resolved,
        settings=settings,
        number=number,
        scope=scope,
        scopes=scopes,
        elsewhere={kpi: [it for key, it in settings.set_ if key == kpi and it in scopes] for kpi in settings.kpis},
    )


@page.get("/governance/kpis/<kpi_id>")
def kpi(kpi_id: str) -> ResponseReturnValue:
    """One KPI: what is set where, the form, and its versions."""
    return _page(kpi_id)


@page.post("/governance/kpis/<kpi_id>")
def change(kpi_id: str) -> ResponseReturnValue:
    """Set something in one scope, or look at what that would do; or bring back what was set with a former number."""
    act, seen = request.form.get("do", ""), seen_number()
    now = here.now().astimezone(here.zone())
    scope: SettingScope | None = None
    try:
        with here.reading() as connection:
            if act == "back":
                wanted = deciding.wanted_as_of(connection, kpi_id, former_number())
            else:
                scope = typed_scope(connection)
                wanted = deciding.wanted_settings(connection, {(kpi_id, scope): typed_setting()})
            preview = _preview(connection, kpi_id, wanted, now) if act == "preview" else None
        if preview is not None:
            return _page(kpi_id, scope, typed_setting(), preview=preview)
        with writing(here.engine()) as connection:
            number = recolour.decide(connection, wanted, seen, now, signin.name(), signin.actor(), note=typed_note())
            there = kpi_id in kpis_in_force(connection)
    except FaultySettingError as error:
        return _page(kpi_id, scope, typed_setting(), error), 422
    except StaleSettingsError as error:
        return _page(kpi_id, scope, typed_setting(), error), 409
    flash(f"saved-{number}" if number else "same", "governance")
    # Going back may be to where an own KPI was none.
    where = url_for("governance_kpis.kpi", kpi_id=kpi_id) if there else url_for("governance_kpis.kpis")
    return redirect(where)


def _preview(connection: Connection, kpi_id: str, wanted: Wanted, now: datetime) -> Preview:
    before, after = read_settings(connection), deciding.settings_with(connection, wanted)
    affected = {kpi_id} if before.units == after.units else {kpi_id, *DIMENSIONS, *ON_PLAN}
    changes: Preview = {}
    for each in recoloured(connection, before, after, sorted(affected), now):
        changes.setdefault(SettingScope(Level.PROJECT, str(each.project_id)), {})[each.kpi] = each
    return changes


def _page(
    kpi_id: str,
    scope: SettingScope | None = None,
    shown: KpiSetting | None = None,
    error: Exception | None = None,
    preview: Preview | None = None,
) -> str:
    viewer = signin.viewer()
    with here.reading() as connection:
        settings, number = read_settings(connection), store.number_in_force(connection)
        if kpi_id not in settings.kpis:
            abort(404)
        own = {it: held for (key, it), held in settings.set_.items() if key == kpi_id}
        asked = scope or read_scope(request.args.get("scope", "")) or EVERYTHING
        scopes = names(connection, viewer, {asked} | own.keys())
        if asked not in scopes:
            if error is None:
                abort(404)
            asked = EVERYTHING
        resolved = settings.resolve(kpi_id, chain_of(connection, asked))
        course = store.course(connection, kpi_id)
        changing = projects(connection, viewer, [int(it.key) for it in preview or ()])
    if shown is None:
        shown = own[asked][0] if asked in own else KpiSetting()
    return render_template(
        "governance_kpi.html",
        kpi=settings.kpis[kpi_id],
        settings=settings,
        number=number,
        resolved=resolved,
        everywhere=settings.resolve(kpi_id, (EVERYTHING,)),
        own={it: own[it] for it in sorted(own, key=_width) if it in scopes},
        scopes=scopes,
        scope=asked,
        shown=shown,
        error=error,
        fault=error.field if isinstance(error, FaultySettingError) else None,
        stale=error if isinstance(error, StaleSettingsError) else None,
        preview=preview,
        changing=changing,
        course=_visible(course, scopes),
        note=typed_note() if request.method == "POST" else "",
        levels=Level,
        units=UNITS if kpi_id == UNIT_SET_WITH else (),
    )


def _width(scope: SettingScope) -> tuple[int, str]:
    return -list(Level).index(scope.level), scope.key


def _visible(course: Course, scopes: Collection[SettingScope]) -> Course:
    """The versions, without what they changed out of the viewer's sight."""
    seen = ((change, tuple(it for it in found if it.thing.scope in scopes)) for change, found in course)
    return tuple((change, found) for change, found in seen if found)
