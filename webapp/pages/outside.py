"""Signing in without a password of ours: at an OpenID provider, or vouched for by a proxy in front; and being out."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import access, here, oidc, signin, vouching
from webapp.accounts.claims import Claimed
from webapp.accounts.outside import Refusal, enter
from webapp.oidc import Fault, OidcError

STATUS = {Fault.UNREACHABLE: 503, Fault.UNUSABLE: 502}
FORBIDDEN = 403

page = Blueprint("outside", __name__)


def _address(endpoint: str) -> str:
    """The address of one of these routes as the provider is told it, and has it registered."""
    public = here.settings().public_url
    return public + url_for(endpoint) if public else url_for(endpoint, _external=True)


def _require_provider() -> None:
    if here.settings().oidc is None:
        abort(404)


def _come_in(claimed: Claimed, target: str | None, vouched_for: str | None = None) -> ResponseReturnValue:
    user = enter(here.engine(), claimed, here.now(), request.remote_addr)
    if isinstance(user, Refusal):
        return _no_entry(user, FORBIDDEN, claimed.names[0])
    signin.start(user, vouched_for)
    return redirect(signin.safe_target(target) or access.home())


def _no_entry(why: str, status: int, name: str = "") -> ResponseReturnValue:
    return render_template("no_entry.html", why=why, status=status, name=name), status


@page.get("/sign-in/oidc")
def start() -> ResponseReturnValue:
    """Send the browser to the provider. Changes nothing but the visitor's own attempt, so a link may lead here."""
    _require_provider()
    target = signin.safe_target(request.args.get("next"))
    if signin.current() is not None:
        return redirect(target or access.home())
    return oidc.begin(_address("outside.back"), target)


@page.get("/sign-in/oidc/return")
def back() -> ResponseReturnValue:
    """Where the provider sends the browser back to."""
    _require_provider()
    return _come_in(*oidc.finish())


@page.get("/sign-in/oidc/leave")
def leave() -> ResponseReturnValue:
    """Send the browser to the provider to be signed out there as well."""
    _require_provider()
    there = oidc.way_out(_address("account.sign_in"))
    return redirect(there) if there else _no_entry("no_way_out", 404)


@page.get("/sign-in/proxy")
def through_proxy() -> ResponseReturnValue:
    """Sign in whoever the proxy in front vouches for."""
    target = signin.safe_target(request.args.get("next"))
    claimed = vouching.vouched()
    if claimed is None:
        return redirect(url_for("account.sign_in", next=target))
    return _come_in(claimed, target, claimed.known.subject)


@page.get("/signed-out")
def signed_out() -> ResponseReturnValue:
    """What being signed out here means to somebody who is still signed in elsewhere."""
    return render_template("signed_out.html")


@page.errorhandler(OidcError)
def _not_proved(error: OidcError) -> ResponseReturnValue:
    current_app.logger.warning("nobody could sign in at the OpenID provider: %s", error)
    signin.refuse_stranger(error.fault)
    return _no_entry(error.fault, STATUS.get(error.fault, signin.REFUSED))
