"""The accounts: who may sign in, with which roles over what, and which human of the trackers each is."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.matrix import MATRIX
from portfolio.access.roles import GrantError, Role
from portfolio.organisation import SignInRules, read_settings
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.accounts import passwords
from webapp.accounts.local import add_user
from webapp.accounts.users import LOCAL, LONGEST_NAME, AccountError, end_sessions, user_of
from webapp.grant_form import GrantFormError, grouped, read_grant
from webapp.queries import users as query
from webapp.tables import read_choice, read_text
from webapp.user_changes import CHANGES, UnsureError

page = Blueprint("users", __name__)

MADE_UP_BYTES = 15


@dataclass(frozen=True)
class Fault:
    """What is wrong with what was typed, and in which field; "" where it is none's."""

    field: str
    text: str


def _fault(error: AccountError | GrantError) -> Fault:
    return Fault(error.field if isinstance(error, GrantFormError) else "", str(error))


def _least_password() -> int:
    with here.reading() as connection:
        return read_settings(connection, SignInRules).least_password


def made_up(least: int) -> str:
    """A password nobody chose, of so many characters or more: 120 bits at least."""
    # Each byte gives a character and a third.
    return secrets.token_urlsafe(max(MADE_UP_BYTES, least))


@page.get("/settings/users")
def users() -> ResponseReturnValue:
    text, role = read_text(request.args, "q"), read_choice(request.args, "role", frozenset(Role))
    state = read_choice(request.args, "state", ("on", "off"))
    with here.reading() as connection:
        found = query.accounts(
            connection,
            text=text,
            role=Role(role) if role else None,
            active=None if state is None else state == "on",
        )
    return render_template("users.html", accounts=found, text=text, role=role, state=state, roles=list(Role))


@page.get("/settings/roles")
def roles() -> ResponseReturnValue:
    """What each role may do: the matrix itself."""
    return render_template("roles.html", matrix=MATRIX, roles=list(Role))


def _form(least: int, fault: Fault | None = None) -> str:
    with here.reading() as connection:
        places = grouped(query.places(connection))
    return render_template(
        "user_new.html",
        fault=fault,
        typed=request.form,
        roles=list(Role),
        places=places,
        longest=LONGEST_NAME,
        least=least,
    )


def _password(name: str, least: int) -> tuple[str, str | None, Fault | None]:
    """The password to give, the same where it is to be told because nobody knows it, and what is wrong with it."""
    typed = request.form.get("password", "")
    if not typed:
        given = made_up(least)
        return given, given, None
    try:
        passwords.require_password(typed, name, least)
    except AccountError as error:
        return typed, None, Fault("password", str(error))
    return typed, None, None


@page.route("/settings/users/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """A local account with one role. A password that is made up here is told once, in the answer."""
    least = _least_password()
    if request.method == "GET":
        return _form(least)
    name = request.form.get("name", "")
    given, told, fault = _password(name, least)
    if fault is not None:
        return _form(least, fault), 422
    try:
        with here.reading() as connection:
            grant = read_grant(request.form, query.places(connection))
        user_id = add_user(here.engine(), name, given, [grant], here.now(), signin.actor())
    except GrantError as error:
        return _form(least, _fault(error)), 422
    except AccountError as error:
        return _form(least, Fault("name", str(error))), 422
    if told is not None:
        return _account(user_id, told=told)
    flash("", "added")
    return redirect(url_for("users.user", user_id=user_id))


def _account(user_id: int, *, fault: Fault | None = None, told: str | None = None, unsure: str | None = None) -> str:
    text = read_text(request.args, "person")
    with here.reading() as connection:
        account = query.account(connection, user_id)
        if account is None:
            abort(404)
        linked = account.person_id
        shown = {
            "places": grouped(query.places(connection)),
            "person": query.candidate(connection, linked) if linked else None,
            "named": query.named_for(connection, linked) if linked else (),
            "found": query.candidates(connection, text),
        }
    return render_template(
        "user.html",
        account=account,
        text=text,
        roles=list(Role),
        fault=fault,
        told=told,
        unsure=unsure,
        least=_least_password(),
        typed=request.form,
        **shown,
    )


@page.get("/settings/users/<id:user_id>")
def user(user_id: int) -> ResponseReturnValue:
    return _account(user_id)


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
            about = CHANGES[do](connection, user_id)
    except (AccountError, GrantError) as error:
        return _account(user_id, fault=_fault(error)), 422
    except UnsureError:
        return _account(user_id, unsure=do)
    flash(about, do)
    return redirect(url_for("users.user", user_id=user_id))


@page.post("/settings/users/<id:user_id>/sessions")
def sign_out(user_id: int) -> ResponseReturnValue:
    """End every session of the account."""
    with here.reading() as connection:
        if user_of(connection, user_id) is None:
            abort(404)
    end_sessions(here.engine(), user_id, here.now(), signin.actor())
    flash("", "sessions")
    return redirect(url_for("users.user", user_id=user_id))


@page.post("/settings/users/<id:user_id>/password")
def password(user_id: int) -> ResponseReturnValue:
    """Give a local account another password. One that is made up here is told once, in the answer."""
    with here.reading() as connection:
        found = user_of(connection, user_id)
    if found is None or found.origin != LOCAL.origin:
        abort(404)
    given, told, fault = _password(found.name, _least_password())
    if fault is not None:
        return _account(user_id, fault=fault), 422
    passwords.change_password(here.engine(), found, given, here.now(), signin.actor())
    if told is not None:
        return _account(user_id, told=told)
    flash("", "password")
    return redirect(url_for("users.user", user_id=user_id))
