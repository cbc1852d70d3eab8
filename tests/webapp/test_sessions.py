"""How long a session lasts, what ends it, and what a cookie is worth that we did not make."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Engine

from portfolio.access.grants import set_grants, usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND
from portfolio.organisation import SignInRules, change_settings
from portfolio.store.engine import writing
from tests.conftest import Clock
from tests.webapp.compiled import create_app
from tests.webapp.conftest import PASSWORD, Visitor
from webapp.accounts.local import add_user
from webapp.accounts.users import set_active
from webapp.settings import WebSettings
from webapp.signin import SEEN, SINCE

RULES = SignInRules()
OUT, IN = 302, 200


def cookie_of(visitor: Visitor) -> str:
    cookie = visitor.client.get_cookie("sightline")
    assert cookie is not None
    return cookie.value


def opens(app: Flask, cookie: str) -> int:
    """What the first page answers to somebody with the cookie."""
    client = app.test_client()
    client.set_cookie("sightline", cookie)
    return client.get("/").status_code


def signed(app: Flask, key: str, said: dict[str, object]) -> str:
    """A cookie as the site would sign it, with a key of one's own."""
    mine = Flask("mine")
    mine.secret_key = key
    serializer = SecureCookieSessionInterface().get_signing_serializer(mine)
    assert serializer is not None
    return str(serializer.dumps(said))


def test_a_session_nobody_uses_ends(ada: Visitor, clock: Clock) -> None:
    clock.advance(minutes=RULES.idle_minutes - 1)
    assert ada.get("/").status_code == IN
    clock.advance(minutes=RULES.idle_minutes - 1)  # counted from that visit
    assert ada.get("/").status_code == IN
    clock.advance(minutes=RULES.idle_minutes)
    assert ada.get("/").status_code == OUT


def test_a_session_in_use_ends_all_the_same(ada: Visitor, clock: Clock) -> None:
    for _ in range(RULES.absolute_hours * 2 - 1):
        clock.advance(minutes=30)
        assert ada.get("/").status_code == IN
    clock.advance(minutes=30)
    assert ada.get("/").status_code == OUT


def test_another_password_makes_no_session_longer(ada: Visitor, clock: Clock) -> None:
    clock.advance(hours=1)
    form = {"current": PASSWORD, "new": "another long pass phrase", "again": "another long pass phrase"}
    assert ada.post("/password", **form).location == "/password"
    for _ in range(RULES.absolute_hours - 2):
        clock.advance(hours=1)
        assert ada.get("/").status_code == IN
    clock.advance(hours=1)
    assert ada.get("/").status_code == OUT


def test_a_page_that_asks_by_itself_keeps_no_session_alive(ada: Visitor, clock: Clock) -> None:
    answers = []
    for _ in range(RULES.idle_minutes // 10):
        clock.advance(minutes=10)
        answers.append(ada.get("/runs", headers={"HX-Request": "true"}))
    assert [answer.status_code for answer in answers[:-1]] == [IN] * (len(answers) - 1)
    assert answers[-1].status_code == 401
    assert answers[-1].headers["HX-Refresh"] == "true"
    assert ada.get("/").status_code == OUT


def test_other_rules_count_for_sessions_that_are_open(engine: Engine, ada: Visitor, clock: Clock) -> None:
    clock.advance(minutes=6)
    with writing(engine) as connection:
        change_settings(connection, SignInRules(idle_minutes=5), clock(), COMMAND)
    assert ada.get("/").status_code == OUT


def test_a_session_that_was_planted_opens_nothing_after_its_victim_signed_in(
    app: Flask, visitor: Visitor, admin: int
) -> None:
    attacker = Visitor(app.test_client())
    token = attacker.token()
    planted = cookie_of(attacker)
    visitor.client.set_cookie("sightline", planted)
    victim = visitor.client.post("/sign-in", data={"name": "ada", "password": PASSWORD, "csrf_token": token})
    assert victim.status_code == 302
    assert cookie_of(visitor) != planted
    assert visitor.get("/").status_code == IN
    assert opens(app, planted) == OUT
    # Nor does the token the attacker knows work in the victim's new session.
    assert visitor.client.post("/sign-out", data={"csrf_token": token}).status_code == 400


def test_signing_out_everywhere_ends_the_other_devices(app: Flask, ada: Visitor) -> None:
    phone = Visitor(app.test_client())
    phone.sign_in()
    assert phone.get("/").status_code == IN
    page = ada.text("/account")
    assert 'action="/sign-out"' in page.split("<h2>Sessions</h2>")[1]
    ada.post("/sign-out", token_from="/account")
    assert (ada.get("/").status_code, phone.get("/").status_code) == (OUT, OUT)


def test_a_role_counts_from_the_next_request_on(engine: Engine, visitor: Visitor, clock: Clock) -> None:
    user_id = add_user(engine, "eve", PASSWORD, usual(Role.EXECUTIVE), clock(), COMMAND)
    visitor.sign_in("eve")
    assert visitor.get("/connections").status_code == 403
    for role, status in ((Role.ADMIN, IN), (Role.EXECUTIVE, 403)):
        with writing(engine) as connection:
            set_grants(connection, user_id, usual(role), clock(), COMMAND)
        assert visitor.get("/connections").status_code == status


def test_switching_an_account_off_ends_its_sessions_for_good(
    app: Flask, engine: Engine, ada: Visitor, admin: int, clock: Clock
) -> None:
    with writing(engine) as connection:
        set_active(connection, admin, False, clock(), COMMAND)
    assert ada.get("/").status_code == OUT
    assert ada.sign_in().status_code == 401
    with writing(engine) as connection:
        set_active(connection, admin, True, clock(), COMMAND)
    assert ada.get("/").status_code == OUT
    assert Visitor(app.test_client()).sign_in().status_code == 302


def test_a_cookie_that_was_made_elsewhere_is_nobodys(app: Flask, ada: Visitor, admin: int, clock: Clock) -> None:
    now = int(clock().timestamp())
    good = {"_user_id": f"{admin}.0", "_fresh": True, SINCE: now, SEEN: now}
    assert opens(app, signed(app, "only for tests", good)) == IN  # this is what is forged below
    own = cookie_of(ada)
    body, _, rest = own.partition(".") if not own.startswith(".") else own[1:].partition(".")
    elsewhere = signed(app, "another key", good)
    forged = {
        "another key": elsewhere,
        "no key": signed(app, "\0", good),
        "another's body, our signature": f"{elsewhere.split('.')[0]}.{rest}",
        "one letter changed": own[:10] + ("A" if own[10] != "A" else "B") + own[11:],
        "cut short": own[:-3],
        "no signature": body,
        "empty": "",
        "noise": "%00.%ff.\u2603".encode().decode("latin-1"),
    }
    assert {why: opens(app, cookie) for why, cookie in forged.items()} == dict.fromkeys(forged, OUT)


@pytest.mark.parametrize(
    "user_id",
    [
        "1",
        "1.",
        ".0",
        "1.1",
        "2.0",
        "1.0.0",
        "-1.0",
        "1.-0",
        "1.0 ",
        "1e0.0",
        "",
    ],
)
def test_what_is_no_user_of_ours_is_nobody_even_if_it_were_signed(
    app: Flask, ada: Visitor, admin: int, clock: Clock, user_id: str
) -> None:
    now = int(clock().timestamp())
    said = {"_user_id": user_id, "_fresh": True, SINCE: now, SEEN: now}
    assert admin == 1
    assert opens(app, signed(app, "only for tests", said)) == OUT


@pytest.mark.parametrize("times", [{}, {SINCE: "0", SEEN: "0"}, {SINCE: None, SEEN: 0}, {SINCE: 0}, {SEEN: 0}])
def test_a_session_without_its_times_is_over(app: Flask, admin: int, times: dict[str, object]) -> None:
    assert opens(app, signed(app, "only for tests", {"_user_id": f"{admin}.0", "_fresh": True} | times)) == OUT


def test_another_key_signs_everybody_out(app: Flask, engine: Engine, ada: Visitor, clock: Clock) -> None:
    other = create_app(WebSettings(engine=engine, secret_key="the next key", clock=clock))
    assert opens(app, cookie_of(ada)) == IN
    assert opens(other, cookie_of(ada)) == OUT


def test_the_cookie_of_who_is_signed_in_holds_no_secret(ada: Visitor, admin: int) -> None:
    ada.post("/sign-out")
    ada.sign_in()
    ada.get("/account")
    with ada.client.session_transaction() as session:
        said = dict(session)
    assert set(said) == {"_user_id", "_fresh", "_id", "_permanent", "csrf_token", SINCE, SEEN}
    assert said["_user_id"] == f"{admin}.1"  # signed out once
    assert {name: type(value) for name, value in said.items() if not isinstance(value, str)} == {
        "_fresh": bool,
        "_permanent": bool,
        SINCE: int,
        SEEN: int,
    }
    # What is left are digests: of where the visitor is, and of chance.
    assert all(re.fullmatch("[0-9a-f]{40,128}", said[name]) for name in ("_id", "csrf_token"))


def test_the_cookie_of_who_is_signed_in_is_kept_from_scripts_and_other_sites(app: Flask, admin: int) -> None:
    visitor = Visitor(app.test_client())
    token = visitor.token()
    form = {"name": "ada", "password": PASSWORD, "csrf_token": token}
    headers = {"Referer": "https://localhost/sign-in"}
    set_cookie = visitor.client.post("/sign-in", data=form, base_url="https://localhost", headers=headers).headers
    parts = {part.strip().partition("=")[0] for part in set_cookie["Set-Cookie"].split(";")}
    assert {"HttpOnly", "SameSite", "Secure"} <= parts
    assert "SameSite=Lax" in set_cookie["Set-Cookie"]
    assert "Domain" not in parts
