"""The versions of the mapping: what the draft changes, its preview, approving and discarding it, and the way back."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.organisation import Separation, read_settings
from portfolio.store.engine import writing
from sync import versions as kept
from sync.errors import FaultyMappingError, FileError, SecondPersonError, StaleDraftError, UnknownVersionError
from sync.mapping.differences import Difference, differences
from sync.mapping.document import Mapping
from sync.mapping.faults import faults
from sync.mapping.files import from_toml, to_toml
from sync.mapping.strangers import strangers
from sync.preview import requests as previews
from sync.versions import Version
from webapp import drafting, here, record, signin
from webapp.preview_shown import looked_at
from webapp.tables import read_id

LONGEST_NOTE = 500

page = Blueprint("mapping_versions", __name__)


@page.get("/mapping/versions")
def versions() -> ResponseReturnValue:
    """The draft and the history; `number` opens what a version changed. A script asks for the preview again."""
    return _page()


def _page(error: Exception | None = None) -> str:
    number = read_id(request.args, "number")
    with here.reading() as connection:
        stands = drafting.standing(connection)
        history = kept.history(connection)
        draft = stands.draft
        preview = previews.newest(connection, draft.id) if draft is not None else None
        small = read_settings(connection, Separation).small
        names = kept.all_taken_up(connection)
    now = stands.in_force.mapping if stands.in_force is not None else Mapping()
    found = list(faults(draft.mapping)) if draft is not None else []
    return render_template(
        "mapping_versions.html",
        stands=stands,
        changes=differences(now, draft.mapping) if draft is not None else (),
        faults=error.faults if isinstance(error, FaultyMappingError) else found,
        strangers=strangers(stands.mapping, names),
        preview=preview,
        **looked_at(preview, draft),
        second=draft is not None and draft.had_hands_of(signin.name()) and not small,
        history=history,
        opened=number,
        opened_changes=_changes_of(history, number),
        stale=error if isinstance(error, StaleDraftError) else None,
        alone=error if isinstance(error, SecondPersonError) else None,
        file_fault=error if isinstance(error, FileError) else None,
        note=_note(),
    )


def _changes_of(history: tuple[Version, ...], number: int | None) -> tuple[Difference, ...]:
    """What a version changed in the one before it."""
    ahead = [it for it in history if it.number is not None and number is not None and it.number <= number]
    if not ahead or ahead[0].number != number:
        return ()
    return differences(ahead[1].mapping if len(ahead) > 1 else Mapping(), ahead[0].mapping)


def _made_from() -> tuple[int, int]:
    """The draft the form was made from."""
    ident, revision = read_id(request.form, "draft"), read_id(request.form, "revision")
    if ident is None or revision is None:
        abort(400)
    return ident, revision


def _note() -> str:
    return " ".join(request.form.get("note", "").split())[:LONGEST_NOTE]


def _carried_out(act: Callable[[Connection], Version], told: str) -> ResponseReturnValue:
    """Do it in one transaction and lead back to the page; or say there why it was refused."""
    try:
        with writing(here.engine()) as store:
            done = act(store)
    except UnknownVersionError:
        abort(404)
    except (StaleDraftError, SecondPersonError) as error:
        return _page(error), 409
    except FaultyMappingError as error:
        return _page(error), 422
    flash(f"{told}-{done.number or ''}", "mapping")
    return redirect(url_for("mapping_versions.versions"))


@page.post("/mapping/versions/approve")
def approve() -> ResponseReturnValue:
    """Put the draft in force."""
    ident, revision = _made_from()
    now, name, by, note = here.now(), signin.name(), signin.actor(), _note()
    return _carried_out(lambda store: kept.approve(store, ident, revision, now, name, by, note=note), "approved")


@page.post("/mapping/versions/discard")
def discard() -> ResponseReturnValue:
    """Close the draft."""
    ident, revision = _made_from()
    now, name, by = here.now(), signin.name(), signin.actor()
    return _carried_out(lambda store: kept.discard(store, ident, revision, now, name, by), "discarded")


@page.post("/mapping/versions/rollback")
def rollback() -> ResponseReturnValue:
    """Put an earlier version in force again."""
    number = read_id(request.form, "number")
    if number is None:
        abort(400)
    now, name, by = here.now(), signin.name(), signin.actor()
    return _carried_out(lambda store: kept.rollback(store, number, now, name, by), "back")


@page.post("/mapping/versions/preview")
def preview() -> ResponseReturnValue:
    """Ask for a preview of the draft, as it is in the form."""
    ident, revision = _made_from()
    with here.reading() as connection:
        draft = kept.draft(connection)
    if draft is None or (draft.id, draft.revision) != (ident, revision):
        return redirect(url_for("mapping_versions.versions"))
    previews.ask(here.engine(), ident, revision, signin.name(), here.now(), signin.actor())
    flash("asked", "mapping")
    return redirect(url_for("mapping_versions.versions"))


@page.post("/mapping/versions/preview/stop")
def stop() -> ResponseReturnValue:
    """Ask the preview to stop."""
    ident = read_id(request.form, "preview")
    if ident is None or not previews.cancel(here.engine(), ident, signin.name(), here.now(), signin.actor()):
        flash("over", "mapping")
    return redirect(url_for("mapping_versions.versions"))


@page.get("/mapping/mapping.toml")
def export() -> ResponseReturnValue:
    """A version as a file: the one of `number`, else the draft, else what is in force."""
    number = read_id(request.args, "number")
    with here.reading() as connection:
        stands = drafting.standing(connection)
        try:
            mapping = kept.numbered(connection, number).mapping if number is not None else stands.mapping
        except UnknownVersionError:
            abort(404)
    record.export("mapping", "toml", 1)
    answer = make_response(to_toml(mapping))
    answer.headers["Content-Type"] = "application/toml; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=mapping.toml"
    return answer


@page.post("/mapping/import")
def take_in() -> ResponseReturnValue:
    """Make a file the draft, in place of what the draft says."""
    sent = request.files.get("file")
    data = sent.read() if sent is not None else b""
    try:
        mapping = from_toml(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _page(FileError("the file is no text in UTF-8")), 422
    except FileError as error:
        return _page(error), 422
    if not data.strip():
        return _page(FileError("there is nothing in the file, or none was chosen")), 422
    try:
        drafting.edit(lambda _: mapping)
    except StaleDraftError as error:
        return _page(error), 409
    flash("imported", "mapping")
    return redirect(url_for("mapping_versions.versions"))
