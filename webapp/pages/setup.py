"""Connecting a tracker, step by step: try it, say what to follow, read, map, approve, schedule.

Each step is kept, so that it can be left and resumed, by somebody else too.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec.structs import replace

from connector.settings import Follow
from portfolio.store.engine import writing
from sync import setup as steps
from sync import versions
from sync.connections import ConnectionRow, get_connection, overlapping, require_new_name
from sync.errors import (
    FaultyMappingError,
    SecondPersonError,
    StaleDraftError,
    TakenNameError,
    UnknownConnectionError,
    UnknownVersionError,
)
from sync.inbox.everything import everything
from sync.inbox.meaning import decide
from sync.inbox.waiting import Waiting
from sync.mapping.document import ConnectionRules, Mapping
from sync.preview import requests as previews
from sync.setup import Setup, Step
from webapp import access, here, signin
from webapp.connection_form import LONGEST, ConnectionFormError, Fault, read_form, try_out
from webapp.follow_form import SHOWN, TYPES, ask, typed_rules
from webapp.preview_shown import looked_at
from webapp.queries.setup import first_read, what_came
from webapp.tables import read_id

page = Blueprint("setup", __name__)


@page.route("/connections/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """The form; what was typed is tried at the tracker before anything is kept."""
    if request.method == "GET":
        return _form()
    try:
        connection_id = _begun()
    except ConnectionFormError as error:
        return _form(error), 422
    return redirect(url_for("setup.setup", connection_id=connection_id))


def _form(fault: ConnectionFormError | None = None) -> str:
    return render_template("connection_new.html", typed=request.form, fault=fault, longest=LONGEST)


def _begun() -> int:
    typed = read_form(request.form)
    try:
        # Asked before the tracker is, which takes a while; whoever is faster meanwhile is met below.
        require_new_name(here.engine(), typed.name)
        probe = try_out(typed, here.settings().outbound)
        begun = steps.Begun(typed.name, typed.settings, typed.secret, probe)
        return steps.begin(
            here.engine(),
            here.secrets(),
            begun,
            here.settings().time_zone,
            signin.name(),
            here.now(),
            signin.actor(),
        )
    except TakenNameError:
        raise ConnectionFormError("name", Fault.TAKEN) from None


@page.get("/connections/<id:connection_id>/setup")
def setup(connection_id: int) -> ResponseReturnValue:
    """Where the setting up stands."""
    row, state = _connection(connection_id)
    if state is None:
        return render_template("setup_done.html", it=row)
    if state.step is Step.FOLLOW:
        return _follow_page(row, state, row.settings.follow)
    return _map_page(row, state)


def _connection(connection_id: int) -> tuple[ConnectionRow, Setup | None]:
    try:
        row = get_connection(here.engine(), connection_id)
    except UnknownConnectionError:
        abort(404)
    with here.reading() as connection:
        return row, steps.setup_of(connection, connection_id)


def _being_set_up(connection_id: int) -> tuple[ConnectionRow, Setup]:
    """A step is taken only once: whoever comes late is told that the connection is set up."""
    row, state = _connection(connection_id)
    if state is None:
        abort(redirect(url_for("setup.setup", connection_id=connection_id)))
    return row, state


def _follow_page(row: ConnectionRow, state: Setup, rules: Sequence[Follow], fault: str | None = None) -> str:
    return render_template(
        "setup_follow.html",
        it=row,
        setup=state,
        types=TYPES[row.tracker],
        asked=ask(row.id, rules),
        shown=SHOWN,
        fault=fault,
        typed=request.form,
    )


@page.post("/connections/<id:connection_id>/setup/follow")
def follow(connection_id: int) -> ResponseReturnValue:
    """Add a rule, take one out, or go on: then what is followed is read for the first time."""
    row, state = _being_set_up(connection_id)
    form = request.form
    rules = typed_rules(form.getlist("rule"), row.tracker)
    if "remove" in form:
        gone = typed_rules([form["remove"]], row.tracker)
        return _chosen(row, state, [rule for rule in rules if rule not in gone])
    if form.get("do") == "add":
        added = typed_rules([f"{form.get('type', '')}={form.get('name', '')}"], row.tracker)
        return _chosen(row, state, tuple(dict.fromkeys((*rules, *added))), None if added else "nothing")
    rules = rules if form.get("all") != "yes" else ()
    refused = any(line.fault for line in ask(connection_id, rules).lines) if rules else False
    if refused or (form.get("all") != "yes" and not rules):
        return _follow_page(row, state, rules, "refused" if refused else "none"), 422
    twice = overlapping(here.engine(), replace(row.settings, follow=rules), besides=connection_id)
    if twice is not None and form.get("again") != "yes":
        return _follow_page(row, state, rules, f"twice:{twice}"), 422
    steps.follow(here.engine(), connection_id, state, rules, signin.name(), here.now(), signin.actor())
    return redirect(url_for("setup.setup", connection_id=connection_id))


def _chosen(row: ConnectionRow, state: Setup, rules: Sequence[Follow], fault: str | None = None) -> str:
    steps.choose(here.engine(), row.id, rules, here.now(), signin.actor())
    return _follow_page(row, state, rules, fault)


def _map_page(row: ConnectionRow, state: Setup, fault: str | None = None) -> str:
    now = here.now()
    with here.reading() as connection:
        read = first_read(connection, row.id, now)
        force, draft = versions.in_force(connection), versions.draft(connection)
        newest = draft or force
        mapping = newest.mapping if newest is not None else Mapping()
        waits = _waiting(row, mapping) if read.done else ()
        preview = previews.newest(connection, draft.id, draft.revision) if draft is not None else None
        shown = {
            "came": what_came(connection, row.id) if read.done else None,
            "approved": force is not None and row.name in force.mapping.connections,
            "mine": draft is not None and row.name in draft.mapping.connections,
        }
    return render_template(
        "setup_map.html",
        it=row,
        setup=state,
        read=read,
        draft=draft,
        waits=waits,
        preview=preview,
        fault=fault,
        **looked_at(preview, draft),
        **shown,
    )


def _waiting(row: ConnectionRow, mapping: Mapping) -> tuple[Waiting, ...]:
    with here.reading() as connection:
        return tuple(each for each in everything(connection, mapping, None) if row.name in each.connections)


@page.post("/connections/<id:connection_id>/setup/again")
def again(connection_id: int) -> ResponseReturnValue:
    """Back to what to follow, or the first read once more."""
    row, state = _being_set_up(connection_id)
    if request.form.get("to") == "follow":
        steps.reconsider(here.engine(), row.id, state, here.now(), signin.actor())
    else:
        steps.follow(here.engine(), row.id, state, row.settings.follow, signin.name(), here.now(), signin.actor())
    return redirect(url_for("setup.setup", connection_id=connection_id))


@page.post("/connections/<id:connection_id>/setup/map")
def map_values(connection_id: int) -> ResponseReturnValue:
    """Take the suggestions that are checked into the draft, and have it looked at what comes of it."""
    row, state = _being_set_up(connection_id)
    now, by, name = here.now(), signin.actor(), signin.name()
    try:
        with writing(here.engine()) as store:
            draft = versions.begin(store, now, name, by)
            mapping = _with_suggestions(row, draft.mapping, request.form.getlist("take"))
            draft = versions.change(store, draft.id, draft.revision, mapping, now, name, by)
    except StaleDraftError as error:
        return _map_page(row, state, str(error)), 409
    previews.ask(here.engine(), draft.id, draft.revision, name, now, by)
    return redirect(url_for("setup.setup", connection_id=connection_id))


def _with_suggestions(row: ConnectionRow, mapping: Mapping, taken: Sequence[str]) -> Mapping:
    """The mapping in which the values that were checked mean what was suggested, and the connection stands."""
    for each in _waiting(row, mapping):
        if each.suggestion is not None and f"{each.subject}={each.value}" in taken:
            mapping = decide(mapping, [row.name], each.subject, each.value, each.suggestion.meaning)
    if row.name not in mapping.connections:
        mapping = replace(mapping, connections={**mapping.connections, row.name: ConnectionRules()})
    return mapping


@page.post("/connections/<id:connection_id>/setup/approve")
def approve(connection_id: int) -> ResponseReturnValue:
    """Put the draft in force and, where whoever approves may do that too, start the schedule."""
    row, state = _being_set_up(connection_id)
    version_id, revision = read_id(request.form, "version"), read_id(request.form, "revision")
    if version_id is None or revision is None:
        abort(404)
    try:
        with writing(here.engine()) as store:
            versions.approve(store, version_id, revision, here.now(), signin.name(), signin.actor())
    except UnknownVersionError:
        abort(404)
    except (StaleDraftError, FaultyMappingError, SecondPersonError) as error:
        return _map_page(row, state, str(error)), 409
    if access.allows(signin.viewer(), "setup.finish"):
        return _finished(row)
    return redirect(url_for("setup.setup", connection_id=connection_id))


@page.post("/connections/<id:connection_id>/setup/finish")
def finish(connection_id: int) -> ResponseReturnValue:
    """Start the schedule: the connection is set up."""
    row, _ = _being_set_up(connection_id)
    return _finished(row)


def _finished(row: ConnectionRow) -> ResponseReturnValue:
    steps.finish(here.engine(), row.id, here.now(), signin.actor())
    flash(row.name, "set-up")
    return redirect(url_for("connections.connections"))
