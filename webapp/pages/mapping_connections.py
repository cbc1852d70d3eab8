"""What the mapping says of a connection's projects: where they belong, and which of their fields carry project data."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec.structs import replace
from werkzeug.datastructures import MultiDict

from portfolio.overlay.fields import FIELDS
from sync.errors import StaleDraftError
from sync.inbox.meaning import MeaningError
from sync.inbox.projects import met_projects
from sync.inbox.samples import SAMPLE, sample_fields
from sync.mapping.document import ConnectionRules, Mapping
from sync.mapping.overlay import OVERLAY
from webapp import drafting, here
from webapp.field_rules import examples_of
from webapp.project_rules_form import WAYS, placed, read_grouping, rows, sampled, written
from webapp.queries.mapped import sampled_fields
from webapp.queries.runs import connection_names

page = Blueprint("mapping_connections", __name__, url_prefix="/mapping/connections")


@page.get("/<id:connection_id>")
def connection(connection_id: int) -> ResponseReturnValue:
    """What is said, beside what it makes of the projects that were met last."""
    return _page(connection_id)


def _page(connection_id: int, stale: StaleDraftError | None = None, fault: MeaningError | None = None) -> str:
    """The page. What was typed and not written stays in the form."""
    typed = request.form if stale or fault else MultiDict[str, str]()
    with here.reading() as store:
        name = dict(connection_names(store)).get(connection_id) or abort(404)
        stands = drafting.standing(store)
        met = met_projects(store, connection_id)
        of_items = sampled_fields(store, (name,))
    own = stands.mapping.connections.get(name, ConnectionRules())
    grouping = read_grouping(typed) if typed else own.grouping
    fields, shown = sampled(met), rows(own, typed)
    return render_template(
        "mapping_connection.html",
        stands=stands,
        connection_id=connection_id,
        name=name,
        own=own,
        grouping=grouping,
        ways=WAYS,
        rows=shown,
        examples=examples_of(shown, fields, OVERLAY),
        overlay={**OVERLAY, **FIELDS},
        met=met,
        fields=fields,
        placed=placed(met, grouping, fields),
        of_items=of_items,
        most=SAMPLE,
        stale=stale,
        fault=fault,
    )


@page.post("/<id:connection_id>")
def change(connection_id: int) -> ResponseReturnValue:
    """Write what was typed into the draft."""
    name = _name(connection_id)

    def changed(mapping: Mapping) -> Mapping:
        own = written(mapping.connections.get(name, ConnectionRules()), request.form)
        return replace(mapping, connections=mapping.connections | {name: own})

    try:
        drafting.edit(changed)
    except StaleDraftError as error:
        return _page(connection_id, stale=error), 409
    except MeaningError as error:
        return _page(connection_id, fault=error), 422
    flash("saved", "mapping")
    return redirect(url_for("mapping_connections.connection", connection_id=connection_id))


@page.post("/<id:connection_id>/sample")
def sample(connection_id: int) -> ResponseReturnValue:
    """Look now at what the fields of the newest landed items hold."""
    _name(connection_id)
    looked_at = sample_fields(here.engine(), connection_id, clock=here.now)
    flash(f"sampled-{looked_at}", "mapping")
    return redirect(url_for("mapping_connections.connection", connection_id=connection_id) + "#fields")


def _name(connection_id: int) -> str:
    with here.reading() as store:
        return dict(connection_names(store)).get(connection_id) or abort(404)
