"""Who asks: who is signed in, or whose token a program shows. Alone in knowing Flask-Login.

Sign-in starts a new session (nothing of the anonymous one survives), sign-out ends all sessions of the user. A session
ends after a time without a visit, and after a time in any case (`SignInRules`). One that a proxy vouched for lasts only
while requests come through it in the same name. What a user may do is read anew with every request, so a role that is
taken away is gone at once.
"""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import select, update

from portfolio.access.viewer import Viewer
from portfolio.audit.append import append
from portfolio.audit.entry import Actor, ActorKind, Subject
from portfolio.model.access import User as UserRow
from portfolio.organisation import SignInRules
from portfolio.store.engine import writing
from webapp import bearer, here, vouching
from webapp.accounts import second_factor, users
from webapp.accounts.users import User

REFUSED = 401
REFUSAL = "sightline_refusal"
"""Where the application keeps how a request without a good token is refused: `webapp.attempts` counts those."""
_UNKNOWN = "sightline_visitor_unknown"
SINCE, SEEN, VOUCHED = "since", "seen", "vouched"
SEEN_STEP_S = 60
"""How exactly the last visit is known: the cookie is not written anew with every request."""


class _Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """A signed-in user in Flask-Login's shape. `owes`: they must set up a second factor before anything else."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.owes = second_factor.is_owed(user)

    def get_id(self) -> str:
        return f"{self.user.id}.{self.user.epoch}"


def _load(session_id: str) -> _Visitor | None:
    user_id, _, epoch = session_id.partition(".")
    if not (user_id.isdecimal() and epoch.isdecimal()):
        return None
    if not _still_vouched():
        return None
    with here.reading() as connection:
        user = users.find_user(connection, int(user_id), int(epoch))
    return _Visitor(user) if user is not None and _lasts(user.rules) else None


def _still_vouched() -> bool:
    """Whether the proxy, if it was it that proved the user, goes on saying so."""
    subject = session.get(VOUCHED)
    if subject is None:
        return True
    claimed = vouching.vouched()
    return claimed is not None and claimed.known.subject == subject


def _lasts(rules: SignInRules) -> bool:
    """Whether the session is neither too old nor unused for too long; notes the visit.

    What a page asks for by itself, while nobody may be sitting before it, is no visit.
    """
    now = int(here.now().timestamp())
    since, seen = session.get(SINCE), session.get(SEEN)
    if not (isinstance(since, int) and isinstance(seen, int)):
        return False
    if now - since >= rules.absolute_hours * 3600 or now - seen >= rules.idle_minutes * 60:
        return False
    if now - seen >= SEEN_STEP_S and not here.partial():
        session[SEEN] = now
    return True


def current() -> User | None:
    """The user of this request, by their session or, for the API, by their token and limited to what it permits.

    None when it is nobody, or when it was given up to find out who.
    """
    if g.get(_UNKNOWN):
        return None
    if here.api():
        found = bearer.bearer()
        return None if found is None else found.user
    return cast(User, current_user.user) if current_user.is_authenticated else None


def owes_second_factor() -> bool:
    """Whether whoever is signed in must set up a second factor before they may open anything else. Programs never."""
    return not here.api() and current() is not None and bool(current_user.owes)


def name() -> str:
    """The name of whoever does what is to be written down. Asked only on routes that nobody opens unknown."""
    user = current()
    return user.name if user is not None else ""


def viewer() -> Viewer:
    """Whoever asks, with what they may see. Asked only on routes that nobody opens unknown."""
    user = current()
    assert user is not None, "a public page asked who is looking"
    return user.viewer


def actor() -> Actor:
    """Whoever asks, for the audit log."""
    if here.api() and (found := bearer.bearer()) is not None:
        return Actor(ActorKind.TOKEN, found.user.id, found.token_id, request.remote_addr)
    user = current()
    return Actor(ActorKind.USER, user_id=user.id if user else None, network=request.remote_addr)


def give_up() -> None:
    """For the rest of this request nobody is signed in: the database that knows the users cannot be asked."""
    setattr(g, _UNKNOWN, True)


def start(user: User, vouched_for: str | None = None) -> None:
    """Sign the user in, in a new session. `vouched_for` is who they are to the proxy in front, if it proved them."""
    now = here.now()
    _open_session(user, int(now.timestamp()), vouched_for)
    with writing(here.engine()) as connection:
        connection.execute(update(UserRow).where(UserRow.id == user.id).values(last_sign_in_at=now))
        append(connection, now, actor(), "sign_in", Subject("user", user.id))


def renew(user: User) -> None:
    """Let the user go on, in a new session, whose sessions were all ended. It lasts no longer than this one would."""
    _open_session(user, int(session[SINCE]), session.get(VOUCHED))


def _open_session(user: User, since: int, vouched_for: str | None) -> None:
    session.clear()
    session.permanent = True
    session[SINCE], session[SEEN] = since, int(here.now().timestamp())
    if vouched_for is not None:
        session[VOUCHED] = vouched_for
    login_user(_Visitor(user))


def refuse(name: str) -> None:
    """Note that somebody tried to sign in under a name, and could not. A name nobody has is not kept: it may be a
    password."""
    with writing(here.engine()) as connection:
        found = connection.scalar(select(UserRow.id).where(UserRow.name == name.strip()))
        subject = Subject("user", found) if found is not None else None
        append(connection, here.now(), actor(), "sign_in.refused", subject)


def refuse_code(user: User) -> None:
    """Note that somebody knew the password of the user and gave a wrong code."""
    with writing(here.engine()) as connection:
        append(connection, here.now(), actor(), "sign_in.refused", Subject("user", user.id), new={"why": "code"})


def refuse_stranger(why: str) -> None:
    """Note that somebody came from the OpenID provider without being proved, and why."""
    with writing(here.engine()) as connection:
        append(connection, here.now(), actor(), "sign_in.refused", new={"why": why})


def end() -> None:
    """Sign the user out, here and everywhere."""
    user = current()
    if user is not None:
        users.end_sessions(here.engine(), user.id, here.now(), actor())
    logout_user()
    session.clear()


def ask() -> ResponseReturnValue:
    """Send the visitor to sign in, and back here afterwards if this is a page to come back to. Programs are refused."""
    if here.api():
        current_app.extensions[REFUSAL]()
    back = this_page()
    way_in = "account.sign_in" if vouching.vouched() is None else "outside.through_proxy"
    return lead(url_for(way_in, next=back if back != "/" else None))


def lead(address: str) -> ResponseReturnValue:
    """Send the visitor to another page of ours first.

    A part of a page that a script fetches has its whole page loaded anew, which then leads there.
    """
    return ("", REFUSED, {"HX-Refresh": "true"}) if here.partial() else redirect(address)


def this_page() -> str | None:
    """The address of this request, if it is one to come back to."""
    return safe_target(request.full_path.rstrip("?")) if request.method == "GET" else None


def safe_target(target: str | None) -> str | None:
    """The target if it is a path on this site, else None: a link from outside must not send people elsewhere."""
    if not target or not target.startswith("/") or target.startswith("//") or not target.isprintable():
        return None
    if "\\" in target:
        return None  # browsers read a backslash as a slash
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def init_app(app: Flask) -> None:
    """Tell Flask-Login how to find users, and templates who is signed in."""
    manager = LoginManager()
    # Its own variable for templates would look the user up also where `current` has given that up.
    manager.init_app(app, add_context_processor=False)
    manager.user_loader(_load)
    app.jinja_env.globals.update(
        signed_in=current,
        owes_second_factor=owes_second_factor,
        vouched=vouching.vouched,
        provider=lambda: here.settings().oidc,
    )
