"""The tokens of everybody, and service accounts: accounts of programs, which have tokens and no way to sign in."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.grants import usual
from portfolio.access.roles import GrantError, Role
from portfolio.store.engine import writing
from webapp import here, signin, token_form
from webapp.accounts import tokens, users
from webapp.accounts.users import SERVICE, AccountError, User
from webapp.tables import read_choice

page = Blueprint("all_tokens", __name__)


def _page(fault: str | None = None) -> str:
    with here.reading() as connection:
        found = tokens.list_tokens(connection)
        services = users.list_services(connection)
    return render_template(
        "all_tokens.html",
        tokens=found,
        services=services,
        roles=[role.value for role in Role],
        fault=fault,
        typed=request.form,
        now=here.now(),
    )


@page.get("/settings/tokens")
def all_tokens() -> ResponseReturnValue:
    return _page()


@page.post("/settings/tokens/<id:token_id>/revoke")
def revoke(token_id: int) -> ResponseReturnValue:
    """End anybody's token."""
    if not tokens.revoke(here.engine(), token_id, here.now(), signin.actor()):
        abort(404)
    flash(str(token_id), "revoked")
    return redirect(url_for("all_tokens.all_tokens"))


@page.post("/settings/services")
def add_account() -> ResponseReturnValue:
    """Make a service account with one role, over the scope that role is usually held in."""
    role = read_choice(request.form, "role", frozenset(Role))
    if role is None:
        abort(400)
    try:
        with writing(here.engine()) as connection:
            name, grants = request.form.get("name", ""), usual(Role(role))
            user_id = users.add_account(connection, name, grants, here.now(), signin.actor(), known=SERVICE)
    except (AccountError, GrantError) as error:
        return _page(str(error)), 422
    return redirect(url_for("all_tokens.account", user_id=user_id))


def _service(user_id: int) -> User:
    with here.reading() as connection:
        user = users.user_of(connection, user_id)
    if user is None or user.origin != SERVICE.origin:
        abort(404)  # tokens of people are made by themselves
    return user


def _account(user: User, form: token_form.TokenForm, told: str | None = None) -> str:
    with here.reading() as connection:
        own = tokens.list_tokens(connection, [user.id])
    return render_template("service.html", user=user, tokens=own, form=form, told=told, now=here.now())


@page.get("/settings/services/<id:user_id>")
def account(user_id: int) -> ResponseReturnValue:
    user = _service(user_id)
    return _account(user, token_form.empty(user.viewer))


@page.post("/settings/services/<id:user_id>/tokens")
def make(user_id: int) -> ResponseReturnValue:
    """Make a token of a service account and tell it, in this answer and never again."""
    user, wish = _service(user_id), token_form.typed()
    try:
        told = tokens.make_token(here.engine(), user.id, wish, here.now(), signin.actor())
    except AccountError as error:
        return _account(user, token_form.refused(user.viewer, wish, str(error))), 422
    return _account(user, token_form.empty(user.viewer), told)
