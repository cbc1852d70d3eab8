"""Forms: each needs the token of its own session, leads nowhere else, and takes only the fields it shows."""

from __future__ import annotations

import re
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND
from portfolio.model.access import RoleGrant, User
from portfolio.store.engine import reading
from tests.conftest import Clock
from tests.webapp.conftest import PASSWORD, Visitor
from webapp.accounts.local import add_user
from webapp.signin import safe_target

PROGRAMS = ("/hooks/", "/api/")
"""Where programs send, with proofs of their own: no browser sends those by itself."""


def changes(app: Flask) -> list[tuple[str, str]]:
    """Every way to change something with a browser: method and path."""
    return sorted(
        (method, re.sub(r"<[^>]+>", "1", rule.rule))
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith(PROGRAMS)
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    )


def test_no_form_is_taken_without_its_token(app: Flask, ada: Visitor, admin: int) -> None:
    stranger = Visitor(app.test_client())
    others = stranger.token("/sign-in")
    found = changes(app)
    assert ("POST", "/sign-out") in found
    for method, path in found:
        for form in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": others}):
            answer = ada.client.open(path, method=method, data=form)
            assert answer.status_code == 400, (path, form)
            assert "This form has expired" in answer.text, path
    assert ada.get("/").status_code == 200


def test_a_token_in_the_address_or_of_another_user_is_none(
    app: Flask, engine: Engine, ada: Visitor, clock: Clock
) -> None:
    add_user(engine, "eve", PASSWORD, usual(Role.ADMIN), clock(), COMMAND)
    eve = Visitor(app.test_client())
    eve.sign_in("eve")
    theirs, own = eve.token("/account"), ada.token("/account")
    assert ada.client.post("/sign-out", data={"csrf_token": theirs}).status_code == 400
    assert ada.client.post(f"/sign-out?csrf_token={own}").status_code == 400
    assert ada.client.post("/sign-out", data={"csrf_token": own}).location == "/sign-in"


def test_reading_changes_nothing(app: Flask, ada: Visitor) -> None:
    """What changes something is no link: another site could put one in a picture."""
    for method, path in changes(app):
        if method == "POST" and "GET" not in app.url_map.bind("localhost").allowed_methods(path):
            assert ada.get(path).status_code in (404, 405), path
    assert ada.get("/").status_code == 200


ELSEWHERE = [
    "https://evil.invalid/",
    "http:evil.invalid",
    "https:/evil.invalid",
    "HTTPS://evil.invalid",
    "//evil.invalid",
    "///evil.invalid",
    "////evil.invalid",
    "/\\evil.invalid",
    "\\/evil.invalid",
    "\\\\evil.invalid",
    "/\t/evil.invalid",
    "\t//evil.invalid",
    " //evil.invalid",
    "/\n/evil.invalid",
    "/\r\nLocation: https://evil.invalid",
    "/a\r\nSet-Cookie: sightline=x",
    "\x00//evil.invalid",
    "/\x7f/evil.invalid",
    "/\u2028/evil.invalid",
    "/\u00a0/evil.invalid",
    "/\u200b/evil.invalid",
    "/\ufeff/evil.invalid",
    "\uff0f\uff0fevil.invalid",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.invalid",
    "@evil.invalid",
    "?next=//evil.invalid",
    "http://localhost/runs",
    "http://localhost@evil.invalid/",
    "//localhost/runs",
    "",
]
"""The last but two name this very site: absolute addresses are not told apart, they are all refused."""

HERE = [
    "/runs?connection=3",
    "/%0d%0aLocation:%20https://evil.invalid",
    "/%2f%2fevil.invalid",
    "/%5cevil.invalid",
    "/%09/evil.invalid",
    "/\uff0fevil.invalid",
    "/\u2215\u2215evil.invalid",
    "/@evil.invalid",
    "/..//evil.invalid",
    "/.//evil.invalid",
    "/runs?next=https://evil.invalid",
    "/#//evil.invalid",
]
"""Odd, and all of this site for a browser: what is encoded stays encoded."""


@pytest.mark.parametrize("target", ELSEWHERE)
def test_what_may_lead_elsewhere_is_no_target(target: str) -> None:
    assert safe_target(target) is None


def test_signing_in_leads_to_no_other_site(app: Flask, visitor: Visitor, admin: int) -> None:
    for target in (*ELSEWHERE[::3], *HERE):
        answer = visitor.sign_in(next=target)
        assert answer.status_code == 302, target
        assert len(answer.headers.getlist("Location")) == 1
        resolved = urlsplit(urljoin("http://localhost/sign-in", answer.location))
        assert resolved.netloc == "localhost", target
        assert not re.search(r"[\r\n\t\\]", answer.location), target
        if target in HERE:
            assert unquote(answer.location) == unquote(target)
        else:
            assert answer.location == "/", target
        visitor.client.delete_cookie("sightline")


def test_fields_nobody_asked_for_do_nothing(app: Flask, engine: Engine, visitor: Visitor, clock: Clock) -> None:
    add_user(engine, "ada", PASSWORD, usual(*Role), clock(), COMMAND)
    user_id = add_user(engine, "eve", PASSWORD, usual(Role.EXECUTIVE), clock(), COMMAND)
    extra = {
        "id": "1",
        "user": "1",
        "user_id": "1",
        "_user_id": "1.0",
        "name_": "ada",
        "role": "admin",
        "roles": "admin",
        "grants": "admin all",
        "scope_type": "all",
        "active": "0",
        "is_admin": "1",
        "origin": "service",
        "person_id": "1",
        "session_epoch": "9",
        "totp_since": "2026-01-01",
        "second_factor": "true",
        "password_hash": "x",
    }
    new = "another long pass phrase"
    assert visitor.sign_in("eve", **extra).location == "/"
    assert visitor.post("/password", current=PASSWORD, new=new, again=new, name="ada", **extra).location == "/password"
    visitor.post("/account/second-factor/begin", token_from="/account", password=new, **extra)
    visitor.post("/account/second-factor/confirm", token_from="/account", code="000000", **extra)
    with reading(engine) as connection:
        rows = {row.name: row for row in connection.execute(select(User.__table__))}
        grants = connection.execute(
            select(RoleGrant.role, RoleGrant.scope_type).where(RoleGrant.user_id == user_id)
        ).all()
    eve = rows["eve"]
    assert [tuple(grant) for grant in grants] == [("executive", "all")]
    assert (eve.id, eve.origin, eve.subject, eve.person_id, eve.active) == (user_id, "local", None, None, True)
    assert (eve.session_epoch, eve.totp_since) == (1, None)  # the new password ended one epoch
    assert (rows["ada"].session_epoch, rows["ada"].totp_secret) == (0, None)
    assert Visitor(app.test_client()).sign_in("ada").location == "/"
    assert visitor.get("/connections").status_code == 403
