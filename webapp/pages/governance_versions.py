"""The decisions about settings: who took them when and why, what each changed, and the way back."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.figures import recolour
from portfolio.governance import store
from portfolio.governance.errors import StaleSettingsError, UnknownNumberError
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.kpi_form import former_number, seen_number, typed_note
from webapp.queries.setting_scopes import names
from webapp.tables import read_id, read_paging

PAGE_SIZE = 50

page = Blueprint("governance_versions", __name__)


@page.get("/governance/versions")
def versions() -> ResponseReturnValue:
    """All decisions; `number` opens what one changed."""
    return _page()


@page.post("/governance/versions/restore")
def restore() -> ResponseReturnValue:
    """Set everything as it was with a former number."""
    number, seen = former_number(), seen_number()
    now = here.now().astimezone(here.zone())
    try:
        with writing(here.engine()) as connection:
            done = recolour.restore(connection, number, seen, now, signin.name(), signin.actor(), note=typed_note())
    except UnknownNumberError:
        abort(404)
    except StaleSettingsError as error:
        return _page(error), 409
    flash(f"saved-{done}" if done else "same", "governance")
    return redirect(url_for("governance_versions.versions"))


def _page(stale: StaleSettingsError | None = None) -> str:
    opened = read_id(request.args, "number")
    with here.reading() as connection:
        history = store.history(connection)
        known = opened is not None and any(it.number == opened for it in history)
        found = store.changes_of(connection, opened) if known and opened is not None else ()
        scopes = names(connection, signin.viewer(), {it.thing.scope for it in found})
    paging = read_paging(request.args, len(history), PAGE_SIZE)
    return render_template(
        "governance_versions.html",
        history=history[paging.offset : paging.offset + paging.size],
        paging=paging,
        number=history[0].number if history else store.DEFAULTS,
        opened=opened,
        changes=[it for it in found if it.thing.scope in scopes],
        scopes=scopes,
        stale=stale,
    )
