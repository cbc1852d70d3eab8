"""Who is signed in. The only module that knows Flask-Login and Flask-Limiter.

Sign-in starts a new session (nothing of the anonymous one survives), sign-out ends all sessions of the user. Attempts
are limited per address and per name, counting only those that failed; the counters live in this process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from webapp import accounts, here
from webapp.accounts import User

REFUSED = 401
PER_NAME_HERE = "5 per minute; 30 per hour"
PER_ADDRESS = "20 per minute"
PER_NAME = "100 per hour"


class _Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """A signed-in user in Flask-Login's shape."""

    def __init__(self, user: User) -> None:
        self.user = user

    def get_id(self) -> str:
        return f"{self.user.id}.{self.user.epoch}"


def _load(session_id: str) -> _Visitor | None:
    user_id, _, epoch = session_id.partition(".")
    if not (user_id.isdecimal() and epoch.isdecimal()):
        return None
    with here.reading() as connection:
        user = accounts.find_user(connection, int(user_id), int(epoch))
    return None if user is None else _Visitor(user)


def current() -> User | None:
    """The signed-in user of this request."""
    return cast(User, current_user.user) if current_user.is_authenticated else None


def start(user: User) -> None:
    """Sign the user in, in a new session."""
    session.clear()
    session.permanent = True
    login_user(_Visitor(user))


def end() -> None:
    """Sign the user out, here and everywhere."""
    user = current()
    if user is not None:
        accounts.end_sessions(here.engine(), user.id)
    logout_user()
    session.clear()


def ask() -> ResponseReturnValue:
    """Send the visitor to sign in, and back here afterwards if this was a page to come back to."""
    back = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(url_for("account.sign_in", next=back if back not in ("", "/") else None))


def safe_target(target: str | None) -> str | None:
    """The target if it is a path on this site, else None: a link from outside must not send people elsewhere."""
    if not target or not target.startswith("/") or target.startswith("//") or not target.isprintable():
        return None
    if "\\" in target:
        return None  # browsers read a backslash as a slash
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def _attempted_name() -> str:
    return request.form.get("name", "").strip().casefold()[: accounts.LONGEST_NAME]


def _refused(response: Response) -> bool:
    return response.status_code == REFUSED


def limit_attempts(app: Flask) -> None:
    """Limit failed sign-ins. Called once the pages are registered."""
    limiter = Limiter(get_remote_address, app=app, headers_enabled=False)
    view: Callable[..., Any] = app.view_functions["account.sign_in"]
    for limit, key in (
        (PER_NAME_HERE, lambda: f"{get_remote_address()}|{_attempted_name()}"),
        (PER_ADDRESS, get_remote_address),
        (PER_NAME, _attempted_name),
    ):
        view = limiter.limit(limit, key_func=key, methods=["POST"], deduct_when=_refused)(view)
    app.view_functions["account.sign_in"] = view


def init_app(app: Flask) -> None:
    """Tell Flask-Login how to find users, and templates who is signed in."""
    manager = LoginManager(app)
    manager.user_loader(_load)
    app.jinja_env.globals["signed_in"] = current
