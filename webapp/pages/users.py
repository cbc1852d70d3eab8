"""The accounts: who may sign in, with which roles over what, and which human of the trackers each is."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.access.grants import HAND, read_grants, set_grants
from portfolio.access.matrix import MATRIX
from portfolio.access.roles import Grant, GrantError, Role
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.accounts import passwords
from webapp.accounts.admins import keep_an_admin
from webapp.accounts.local import add_user
from webapp.accounts.second_factor import reset_second_factor
from webapp.accounts.users import LONGEST_NAME, AccountError, end_sessions, link_person, set_active, user_of
from webapp.grant_form import grouped, read_grant, read_scope
from webapp.queries import users as query
from webapp.tables import read_choice, read_id, read_text

page = Blueprint("users", __name__)

MADE_UP_BYTES = 15


def made_up() -> str:
    """A password nobody chose: 120 bits."""
    return secrets.token_urlsafe(MADE_UP_BYTES)


@page.get("/settings/users")
def users() -> ResponseReturnValue:
    text, role = read_text(request.args, "q"), read_choice(request.args, "role", frozenset(Role))
    with here.reading() as connection:
        found = query.accounts(connection, text=text, role=Role(role) if role else None)
    return render_template("users.html", accounts=found, text=text, role=role, roles=list(Role))


@page.get("/settings/roles")
def roles() -> ResponseReturnValue:
    """What each role may do: the matrix itself."""
    return render_template("roles.html", matrix=MATRIX, roles=list(Role))


def _form(fault: str | None = None) -> str:
    with here.reading() as connection:
        places = grouped(query.places(connection))
    return render_template(
        "user_new.html", fault=fault, typed=request.form, roles=list(Role), places=places, longest=LONGEST_NAME
    )


@page.route("/settings/users/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """A local account with one role and a password made up here, which the next page tells once."""
    if request.method == "GET":
        return _form()
    password = made_up()
    try:
        with here.reading() as connection:
            grant = read_grant(request.form, query.places(connection))
        name = request.form.get("name", "")
        user_id = add_user(here.engine(), name, password, [grant], here.now(), signin.actor())
    except (AccountError, GrantError) as error:
        return _form(str(error)), 422
    return _account(user_id, told=password)


def _account(user_id: int, *, fault: str | None = None, told: str | None = None) -> str:
    text = read_text(request.args, "person")
    with here.reading() as connection:
        account = query.account(connection, user_id)
        if account is None:
            abort(404)
        shown = {
            "places": grouped(query.places(connection)),
            "person": query.candidate(connection, account.person_id) if account.person_id else None,
            "found": query.candidates(connection, text),
        }
    return render_template(
        "user.html", account=account, text=text, roles=list(Role), fault=fault, told=told, typed=request.form, **shown
    )


@page.get("/settings/users/<id:user_id>")
def user(user_id: int) -> ResponseReturnValue:
    return _account(user_id)


Change = Callable[[Connection, int], None]


def _chosen(connection: Connection) -> Grant:
    return read_grant(request.form, query.places(connection))


def _grant(connection: Connection, user_id: int) -> None:
    grants = read_grants(connection, user_id, HAND) | {_chosen(connection)}
    set_grants(connection, user_id, grants, here.now(), signin.actor())


def _revoke(connection: Connection, user_id: int) -> None:
    """Take a role away; one over a place that is gone, too."""
    held = read_grants(connection, user_id, HAND)
    scope = read_scope(request.form.get("scope", ""), [grant.scope for grant in held])
    grants = {grant for grant in held if (grant.role, grant.scope) != (request.form.get("role"), scope)}
    set_grants(connection, user_id, grants, here.now(), signin.actor())
    keep_an_admin(connection)


def _switch_on(connection: Connection, user_id: int) -> None:
    set_active(connection, user_id, True, here.now(), signin.actor())


def _switch_off(connection: Connection, user_id: int) -> None:
    set_active(connection, user_id, False, here.now(), signin.actor())
    keep_an_admin(connection)


def _link(connection: Connection, user_id: int) -> None:
    person_id = read_id(request.form, "person")
    if person_id and query.candidate(connection, person_id) is None:
        abort(404)
    link_person(connection, user_id, person_id or None, here.now(), signin.actor())


def _reset_second_factor(connection: Connection, user_id: int) -> None:
    reset_second_factor(connection, user_id, here.now(), signin.actor())


CHANGES: Mapping[str, Change] = {
    "grant": _grant,
    "revoke": _revoke,
    "on": _switch_on,
    "off": _switch_off,
    "link": _link,
    "second_factor": _reset_second_factor,
}


@page.post("/settings/users/<id:user_id>")
def change(user_id: int) -> ResponseReturnValue:
    """One change to an account: `do` says which."""
    do = read_choice(request.form, "do", CHANGES)
    if do is None:
        abort(400)
    try:
        with writing(here.engine()) as connection:
            if user_of(connection, user_id) is None:
                abort(404)
            CHANGES[do](connection, user_id)
    except (AccountError, GrantError) as error:
        return _account(user_id, fault=str(error)), 422
    flash(do, "account")
    return redirect(url_for("users.user", user_id=user_id))


@page.post("/settings/users/<id:user_id>/sessions")
def sign_out(user_id: int) -> ResponseReturnValue:
    """End every session of the account."""
    with here.reading() as connection:
        if user_of(connection, user_id) is None:
            abort(404)
    end_sessions(here.engine(), user_id, here.now(), signin.actor())
    flash("sessions", "account")
    return redirect(url_for("users.user", user_id=user_id))


@page.post("/settings/users/<id:user_id>/password")
def password(user_id: int) -> ResponseReturnValue:
    """Make up another password for a local account and tell it, in this answer and never again."""
    with here.reading() as connection:
        found = user_of(connection, user_id)
    if found is None or found.origin != "local":
        abort(404)
    given = made_up()
    passwords.change_password(here.engine(), found, given, here.now(), signin.actor())
    return _account(user_id, told=given)
