"""What the organisation sets for everybody: sign-in, separation, figures of persons, retention."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.audit.read import Wish, list_entries, names_of
from portfolio.organisation import (
    CHANGED,
    Group,
    PersonFigures,
    Retention,
    Separation,
    SignInRules,
    change_settings,
    read_settings,
    subject_of,
    unsaid,
)
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.accounts.admins import held_together

page = Blueprint("settings", __name__)

LONGEST = 500
GROUPS: Mapping[str, type[Group]] = {
    "sign-in": SignInRules,
    "organisation": Separation,
    "privacy": PersonFigures,
    "retention": Retention,
}


@page.get("/settings")
def settings() -> ResponseReturnValue:
    """The front of the room."""
    return render_template("settings.html")


def typed(group: type[Group], form: Mapping[str, str]) -> Group | str:
    """The settings as they were typed, or the name of the field that will not do.

    Only the fields of the group are looked at. What is not typed is False, empty or no date.
    """
    values = {name: form.get(name, "").strip()[:LONGEST] or None for name in group.__struct_fields__}
    given = {name: value for name, value in values.items() if value is not None}
    blank = {name: False for name in group.__struct_fields__ if isinstance(getattr(group(), name), bool)}
    for name, default in msgspec.to_builtins(group()).items():
        if isinstance(default, int) and not isinstance(default, bool) and name not in given:
            return str(name)
    try:
        found = msgspec.convert(blank | given, type=group, strict=False)
    except msgspec.ValidationError as error:
        place = str(error).rpartition("$.")[2]
        return place.strip("`").split("[")[0]
    return found


class RefusedError(Exception):
    """Each of the settings may be as it is, but something stands against them; `field` is where it is told."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def _require(connection: Connection, settings: Group) -> None:
    """Raise `RefusedError` where something stands against the settings. Asked in the transaction that keeps them."""
    if isinstance(settings, PersonFigures) and settings.on:
        field = unsaid(settings, here.today())
        if field is None and settings.approver.casefold() == signin.name().casefold():
            field = "approver"
        if field is not None:
            raise RefusedError(field)
    if isinstance(settings, Separation) and not settings.small and held_together(connection):
        raise RefusedError("small")


def _held(name: str) -> Group:
    if name not in GROUPS:
        abort(404)
    with here.reading() as connection:
        return read_settings(connection, GROUPS[name])


def _page(name: str, held: Group, shown: Group | None = None, fault: str | None = None) -> str:
    """The page of a group as it is held; `shown` is what was typed instead and refused."""
    group = GROUPS[name]
    with here.reading() as connection:
        together = held_together(connection)
        changed = list_entries(connection, Wish(action=CHANGED, subject_type=subject_of(group).type), limit=1)
        names = names_of(connection, changed)
    return render_template(
        f"settings_{name.replace('-', '_')}.html",
        name=name,
        held=held,
        shown=shown or held,
        changed=changed[0] if changed else None,
        changed_by=names.get(("user", changed[0].user_id or 0)) if changed else None,
        fault=fault,
        typed=request.form,
        together=together,
        today=here.today(),
        process=here.settings(),
    )


@page.get("/settings/<name>")
def group(name: str) -> ResponseReturnValue:
    """One group of settings."""
    return _page(name, _held(name))


@page.post("/settings/<name>")
def change(name: str) -> ResponseReturnValue:
    """Keep what was typed. A field that will not do is told, with what was typed."""
    held = _held(name)
    found = typed(GROUPS[name], request.form)
    if not isinstance(found, Group):
        return _page(name, held, fault=found), 422
    try:
        with writing(here.engine()) as connection:
            changed = change_settings(connection, found, here.now(), signin.actor())
            _require(connection, found)
    except RefusedError as error:
        return _page(name, held, found, error.field), 422
    flash("changed" if changed else "same", "settings")
    return redirect(url_for("settings.group", name=name))
