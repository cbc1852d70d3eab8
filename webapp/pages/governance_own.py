"""KPIs of the organisation's own: typed as formulas over facts, tried on real projects, kept, changed, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.facts.catalogue import FACTS
from portfolio.figures import recolour
from portfolio.governance import deciding, store
from portfolio.governance.errors import FaultySettingError, StaleSettingsError
from portfolio.governance.own import UNITS, OwnKpi, read_own
from portfolio.governance.scope import EVERYTHING, Level, SettingScope
from portfolio.governance.store import OWN_KPI, Thing, Wanted
from portfolio.kpis.declare import Kpi
from portfolio.kpis.reading import Reading
from portfolio.kpis.thresholds import Direction
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.kpi_form import seen_number, typed_note, typed_own
from webapp.queries.setting_scopes import projects

EMPTY = OwnKpi(name="", words="", unit=UNITS[0], direction=Direction.LOWER, formula="")

page = Blueprint("governance_own", __name__)


class Preview(NamedTuple):
    """What a KPI would say of each project today, and the KPI as it was read."""

    kpi: Kpi
    readings: Mapping[SettingScope, Reading]


@page.get("/governance/own-kpis")
def own_kpis() -> ResponseReturnValue:
    """The own KPIs there are."""
    with here.reading() as connection:
        own = {thing.key: read_own(held.body) for thing, held in store.held(connection, (OWN_KPI,)).items()}
    return render_template("governance_own_kpis.html", own=own)


@page.get("/governance/own-kpis/new")
def new() -> ResponseReturnValue:
    return _page(None)


@page.get("/governance/own-kpis/<kpi_id>")
def own_kpi(kpi_id: str) -> ResponseReturnValue:
    return _page(kpi_id)


@page.post("/governance/own-kpis/new")
def add() -> ResponseReturnValue:
    """Keep a new KPI, or try it first."""
    return _decided(None)


@page.post("/governance/own-kpis/<kpi_id>")
def change(kpi_id: str) -> ResponseReturnValue:
    """Change a KPI, try the change first, or take the KPI away."""
    return _decided(kpi_id)


def _decided(kpi_id: str | None) -> ResponseReturnValue:
    act, seen = request.form.get("do", ""), seen_number()
    now = here.now().astimezone(here.zone())
    try:
        with here.reading() as connection:
            if act == "remove" and kpi_id is not None:
                wanted = deciding.wanted_without(connection, kpi_id)
                found = kpi_id
            else:
                found, wanted = deciding.wanted_own(connection, kpi_id, typed_own())
            preview = _preview(connection, found, wanted, now) if act == "preview" else None
        if preview is not None:
            return _page(kpi_id, typed_own(), preview=preview)
        with writing(here.engine()) as connection:
            number = recolour.decide(connection, wanted, seen, now, signin.name(), signin.actor(), note=typed_note())
    except FaultySettingError as error:
        if error.field == "kpi":
            abort(404)
        return _page(kpi_id, typed_own(), error), 422
    except StaleSettingsError as error:
        return _page(kpi_id, typed_own(), error), 409
    flash(f"saved-{number}" if number else "same", "governance")
    return redirect(url_for("governance_own.own_kpis"))


def _preview(connection: Connection, kpi_id: str, wanted: Wanted, now: datetime) -> Preview:
    settings = deciding.settings_with(connection, wanted)
    readings = recolour.readings_with(connection, settings, kpi_id, now)
    by_scope = {SettingScope(Level.PROJECT, str(project)): it for project, it in readings.items()}
    return Preview(settings.kpis[kpi_id], by_scope)


def _page(
    kpi_id: str | None,
    shown: OwnKpi | None = None,
    error: Exception | None = None,
    preview: Preview | None = None,
) -> str:
    with here.reading() as connection:
        kept = store.held(connection, (OWN_KPI,)).get(Thing(OWN_KPI, kpi_id or "", EVERYTHING))
        if kpi_id is not None and kept is None:
            abort(404)
        number = store.number_in_force(connection)
        ids = [int(scope.key) for scope in preview.readings] if preview is not None else []
        named = projects(connection, signin.viewer(), ids)
    return render_template(
        "governance_own_kpi.html",
        kpi_id=kpi_id,
        shown=shown or (read_own(kept.body) if kept is not None else EMPTY),
        number=number,
        units=UNITS,
        facts=sorted(FACTS.values(), key=lambda fact: fact.name),
        error=error,
        fault=error.field if isinstance(error, FaultySettingError) else None,
        stale=error if isinstance(error, StaleSettingsError) else None,
        preview=preview,
        named=named,
        note=typed_note() if request.method == "POST" else "",
    )
