"""One's own tokens for the API: made, shown once, revoked."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp import here, signin, token_form
from webapp.accounts import tokens
from webapp.accounts.users import AccountError

page = Blueprint("tokens", __name__)


def _page(form: token_form.TokenForm, told: str | None = None) -> str:
    with here.reading() as connection:
        own = tokens.list_tokens(connection, [signin.viewer().user_id])
    return render_template("tokens.html", tokens=own, form=form, told=told, now=here.now())


@page.get("/account/tokens")
def own() -> ResponseReturnValue:
    return _page(token_form.empty(signin.viewer()))


@page.post("/account/tokens")
def make() -> ResponseReturnValue:
    """Make a token and tell it, in this answer and never again: it stands in no cookie and at no address."""
    viewer, wish = signin.viewer(), token_form.typed()
    try:
        told = tokens.make_token(here.engine(), viewer.user_id, wish, here.now(), signin.actor())
    except AccountError as error:
        return _page(token_form.refused(viewer, wish, str(error))), 422
    return _page(token_form.empty(viewer), told)


@page.post("/account/tokens/<id:token_id>/revoke")
def revoke(token_id: int) -> ResponseReturnValue:
    """End one of one's own tokens. One of somebody else is none."""
    if not tokens.revoke(here.engine(), token_id, here.now(), signin.actor(), user_id=signin.viewer().user_id):
        abort(404)
    flash(str(token_id), "revoked")
    return redirect(url_for("tokens.own"))
