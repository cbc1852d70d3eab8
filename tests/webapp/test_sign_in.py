"""Signing in: who gets in, what a session is, and what a stranger learns."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND
from portfolio.model.access import User
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.webapp.compiled import create_app
from tests.webapp.conftest import PASSWORD, Visitor
from webapp.accounts.local import add_user
from webapp.accounts.users import AccountError
from webapp.settings import WebSettings
from webapp.signin import safe_target


def test_a_right_password_opens_the_page_that_was_asked_for(visitor: Visitor, admin: int) -> None:
    asked = visitor.get("/runs?connection=3")
    assert asked.status_code == 302
    assert asked.location == "/sign-in?next=/runs?connection%3D3"
    form = visitor.text(asked.location)
    assert 'value="/runs?connection=3"' in form
    assert visitor.sign_in(next="/runs?connection=3").location == "/runs?connection=3"
    assert "No tracker is connected yet" in visitor.text("/runs")


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong password"), ("nobody", PASSWORD), ("", ""), ("ada", "")])
def test_a_stranger_learns_only_that_it_did_not_match(visitor: Visitor, admin: int, name: str, password: str) -> None:
    answer = visitor.sign_in(name, password)
    assert answer.status_code == 401
    assert "do not match an account" in answer.text
    assert password not in answer.text or not password
    assert visitor.get("/").status_code == 302


def test_passwords_are_kept_as_argon2id(engine: Engine, admin: int) -> None:
    with reading(engine) as connection:
        kept = connection.scalar(select(User.password_hash))
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


def test_sign_in_starts_a_new_session(visitor: Visitor, admin: int) -> None:
    visitor.get("/sign-in")
    with visitor.client.session_transaction() as session:
        session["planted"] = "by somebody else"
        before = session["csrf_token"]
    visitor.sign_in()
    visitor.get("/")
    with visitor.client.session_transaction() as session:
        assert "planted" not in session
        assert session["csrf_token"] != before


def test_sign_out_ends_a_copied_session_too(app: Flask, visitor: Visitor, admin: int) -> None:
    visitor.sign_in()
    cookie = visitor.client.get_cookie("sightline")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("sightline", cookie.value)
    assert thief.get("/").status_code == 200
    assert visitor.client.post("/sign-out", data={"csrf_token": visitor.token("/")}).location == "/sign-in"
    assert visitor.get("/").status_code == 302
    assert thief.get("/").status_code == 302


def test_an_account_that_was_switched_off_is_out_at_once(engine: Engine, ada: Visitor, admin: int) -> None:
    assert ada.get("/").status_code == 200
    with writing(engine) as connection:
        connection.execute(update(User).values(active=False))
    assert ada.get("/").status_code == 302
    assert ada.sign_in().status_code == 401


def test_failed_attempts_are_limited_and_good_ones_are_not(visitor: Visitor, admin: int) -> None:
    for _ in range(5):
        assert visitor.sign_in(password="wrong").status_code == 401
    closed = visitor.sign_in()
    assert closed.status_code == 429
    assert "Too many attempts" in closed.text
    assert "Content-Security-Policy" in closed.headers


def test_guessing_from_many_places_leaves_the_owner_a_way_in(visitor: Visitor, admin: int) -> None:
    """Somebody with many addresses may not shut the owner of a name out."""
    for turn in range(8):
        for _ in range(5):
            assert visitor.sign_in(password="wrong", place=f"2001:db8:{turn}::1").status_code == 401
        assert visitor.sign_in(password="wrong", place=f"2001:db8:{turn}::1").status_code == 429
    assert visitor.sign_in(place="198.51.100.9").status_code == 302


def test_one_network_has_one_count(visitor: Visitor, admin: int) -> None:
    """Whoever has an IPv6 address has 2^64 of them."""
    for turn in range(5):
        assert visitor.sign_in(password="wrong", place=f"2001:db8::{turn}").status_code == 401
    assert visitor.sign_in(password="wrong", place="2001:db8::abcd").status_code == 429
    assert visitor.sign_in(place="2001:db8:0:1::1").status_code == 302


def test_a_name_that_everybody_guesses_at_is_tried_at_most_so_often(visitor: Visitor, admin: int) -> None:
    told = [visitor.sign_in(password="wrong", place=f"192.0.2.{turn // 5}").status_code for turn in range(61)]
    assert told == [401] * 60 + [429]
    assert visitor.sign_in("somebody else", "wrong", place="192.0.2.99").status_code == 401


def test_signing_in_often_is_no_attack(visitor: Visitor, admin: int) -> None:
    for _ in range(8):
        assert visitor.sign_in().status_code == 302
        visitor.client.post("/sign-out", data={"csrf_token": visitor.token("/")})


def test_every_change_needs_the_form_token(ada: Visitor) -> None:
    answer = ada.client.post("/sign-out")
    assert answer.status_code == 400
    assert "This form has expired" in answer.text
    assert ada.get("/").status_code == 200
    assert ada.client.post("/sign-in", data={"name": "ada", "password": PASSWORD}).status_code == 400


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.invalid/",
        "//evil.invalid",
        "/\\evil.invalid",
        "\\\\evil.invalid",
        "javascript:alert(1)",
        "/a\nb",
        "x",
        "",
    ],
)
def test_nobody_is_sent_elsewhere(visitor: Visitor, admin: int, target: str) -> None:
    assert safe_target(target) is None
    assert visitor.sign_in(next=target).location == "/"


def test_the_cookie_is_secure_when_the_site_is(engine: Engine, app: Flask, clock: Clock) -> None:
    plain = app.test_client().get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    over_https = app.test_client().get("/sign-in", base_url="https://localhost").headers
    assert "; Secure" in over_https["Set-Cookie"]
    assert over_https["Strict-Transport-Security"].startswith("max-age=")
    behind_proxy = create_app(WebSettings(engine=engine, secret_key="x", clock=clock, https=True)).test_client()
    answer = behind_proxy.get("/sign-in")
    assert "; Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_without_an_account_the_page_says_how_to_make_one(visitor: Visitor) -> None:
    assert "sightline user add NAME --role admin" in visitor.text("/sign-in")


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [
        ("", PASSWORD, "1 to 200 printable characters"),
        ("bea", "short", "a password needs 12"),
        ("bea", "password123456", "too easy to guess"),
        ("beatrice", "beatrice-2026", "too easy to guess"),
        ("ada", PASSWORD, "already a user 'ada'"),
    ],
)
def test_an_account_that_cannot_be(
    engine: Engine, clock: Clock, admin: int, name: str, password: str, words: str
) -> None:
    with pytest.raises(AccountError, match=words):
        add_user(engine, name, password, usual(Role.PMO_LEAD), clock(), COMMAND)


def test_an_application_without_a_secret_key_is_refused(engine: Engine) -> None:
    with pytest.raises(ValueError, match="secret key"):
        create_app(WebSettings(engine=engine, secret_key=""))
