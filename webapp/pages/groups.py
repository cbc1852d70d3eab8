"""Which groups of the provider or the proxy give which roles: listed, added, removed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.groups import LONGEST_GROUP, add_mapping, mappings, remove_mapping
from portfolio.access.roles import GrantError, Role
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.grant_form import grouped, read_grant
from webapp.queries.users import places

REFUSED = 422

page = Blueprint("groups", __name__, url_prefix="/settings/groups")


@page.get("")
def groups() -> ResponseReturnValue:
    return _shown()


@page.post("")
def add() -> ResponseReturnValue:
    """Let a group give a role over a scope. What was typed stays in the form when it cannot be."""
    group = request.form.get("group", "").strip()
    try:
        with writing(here.engine()) as connection:
            grant = read_grant(request.form, places(connection))
            add_mapping(connection, group, grant, here.now(), signin.actor())
    except GrantError as error:
        return _shown(str(error)), REFUSED
    flash(group, "added")
    return redirect(url_for("groups.groups"))


@page.post("/<id:mapping_id>/remove")
def remove(mapping_id: int) -> ResponseReturnValue:
    with writing(here.engine()) as connection:
        removed = remove_mapping(connection, mapping_id, here.now(), signin.actor())
    flash(removed.group if removed else "", "removed" if removed else "gone")
    return redirect(url_for("groups.groups"))


def _shown(fault: str = "") -> str:
    with here.reading() as connection:
        found, names = mappings(connection), places(connection)
    return render_template(
        "groups.html",
        mappings=found,
        names=names,
        places=grouped(names),
        roles=list(Role),
        longest=LONGEST_GROUP,
        typed=request.form,
        fault=fault,
        outside=here.settings().oidc is not None or here.settings().signing_proxy is not None,
    )
