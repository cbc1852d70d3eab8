"""Every route states its permission, and every answer carries the headers."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.access.viewer import Permit
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import RunRequest
from portfolio.store.engine import writing
from portfolio.store.errors import CannotOpen, DatabaseLocked
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import PASSWORD, Visitor
from webapp.access import ROUTES, Open
from webapp.accounts.local import add_user
from webapp.accounts.tokens import Wish, make_token
from webapp.accounts.users import SERVICE, add_account
from webapp.headers import CONTENT_SECURITY_POLICY

PAGES = (
    "/",
    "/?view=list&sort=-overdue",
    "/connections",
    "/runs",
    "/runs/1",
    "/quarantine",
    "/quarantine/1",
    "/absences",
    "/absences.csv",
    "/absences.xlsx",
    "/connections/1/schedule",
    "/dictionary",
    "/settings/audit",
    "/settings/audit.csv",
    "/settings/audit/check",
    "/projects/1",
    "/projects/1/items",
    "/projects/1/items.csv",
    "/projects/1/items.xlsx",
    "/portfolio.csv",
    "/portfolio.xlsx",
    "/account",
    "/account/second-factor",
    "/settings/groups",
    "/signed-out",
    "/password",
    "/account/tokens",
    "/settings",
    "/settings/people?q=a",
    "/settings/people/1",
    "/settings/users",
    "/settings/users/1",
    "/settings/users/1?person=a",
    "/settings/users/new",
    "/settings/roles",
    "/settings/sign-in",
    "/settings/organisation",
    "/settings/privacy",
    "/settings/retention",
    "/settings/working-time",
    "/settings/tokens",
    "/settings/services/2",
    "/no/such/page",
    "/sign-in",
    "/healthz",
)
EXPECTED = {"/no/such/page": 404, "/sign-in": 302}


def test_the_table_of_routes_is_complete(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ROUTES)


def test_what_is_public_is_little(app: Flask) -> None:
    public = {endpoint for endpoint, needs in ROUTES.items() if needs is Open.TO_ANYBODY}
    health = {"health.healthz", "health.readyz", "metrics.metrics"}
    outside = {f"outside.{name}" for name in ("start", "back", "leave", "through_proxy", "signed_out")}
    doors = {"account.sign_in", "account.code", "doors.door"} | outside
    assert public == {"static", "bootstrap.static", "htmx.static"} | doors | health


def test_nothing_else_opens_without_signing_in(app: Flask, visitor: Visitor) -> None:
    for rule in app.url_map.iter_rules():
        if ROUTES[rule.endpoint] is Open.TO_ANYBODY or "GET" not in (rule.methods or ()):
            continue
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        answer = visitor.get(path)
        if rule.endpoint.startswith("api."):
            assert answer.status_code == 401, path
            continue
        assert answer.status_code == 302, path
        assert answer.location.startswith("/sign-in"), path


HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@pytest.fixture
def one_of_each(rows: Callable[[], AbstractContextManager[Rows]], engine: Engine, admin: int, clock: Clock) -> None:
    """A row of each kind, so that every page has something to show. Their ids are 1; the service account's is 2."""
    with rows() as add:
        jira = add.connection()
        project = add.project("Alpha", jira, portfolio_id=add.portfolio("Growth"))
        add.item(project, jira, created=clock().date())
        add.stream(add.run(jira, clock()), "items", created=1)
        add.held(jira, "unreadable", b"{}", clock())
        add.absence(jira, "77", clock())
        add.hold(jira, 412, 900, clock())
        add.run(jira, clock(), "running")
        add.person("Mia")
        add.row(RunRequest, connection_id=jira, mode="full", asked_by="ada", asked_at=clock())
    with writing(engine) as connection:
        service = add_account(connection, "robot", usual(Role.ADMIN), clock(), COMMAND, known=SERVICE)
    make_token(engine, service, Wish("nightly", 30, frozenset({Permit.read("sync.edit")})), clock(), COMMAND)


def test_every_answer_carries_the_headers(ada: Visitor, one_of_each: None) -> None:
    for path in PAGES:
        answer = ada.get(path)
        assert answer.status_code == EXPECTED.get(path, 200), path
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path


def test_no_script_or_style_stands_in_a_page(ada: Visitor, one_of_each: None) -> None:
    for path in PAGES:
        if path.endswith(".xlsx"):
            continue
        text = ada.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert "<style" not in text, path
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)\s*=", text), path
        assert not re.search(r'(src|href)="https?://(?!jira\.invalid)', text), path


def test_the_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY


def test_a_role_without_the_right_is_told_who_can_grant_it(engine: Engine, clock: Clock, visitor: Visitor) -> None:
    add_user(engine, "eve", PASSWORD, usual(Role.EXECUTIVE), clock(), COMMAND)
    visitor.sign_in("eve")
    page = visitor.text("/")
    assert "Portfolio" in page
    assert 'href="/connections"' not in page
    refused = visitor.text("/connections", status=403)
    assert "An admin can grant it" in refused
    assert "eve" in refused


CHANGES = {
    "/connections/1/runs": {"mode": "full"},
    "/runs/2/stop": {},
    "/connections/1/switch": {"to": "off"},
    "/connections/1/schedule": {"do": "save"},
    "/connections/1/hold": {"decision": "retire", "missing": "412"},
    "/connections/1/quarantine": {"held": "1"},
    "/settings/people/1/erase": {"name": "Mia", "reason": "asked for it"},
    "/settings/tokens/1/revoke": {},
    "/settings/services": {"name": "another", "role": "admin"},
    "/settings/services/2/tokens": {"name": "hourly", "days": "1", "permit": "sync.edit"},
}
LEAD_MAY = {"/connections/1/hold", "/connections/1/quarantine"}


@pytest.mark.parametrize("role", [Role.PMO_LEAD, Role.AUDITOR, Role.EXECUTIVE])
def test_what_changes_something_asks_for_more_than_looking(
    engine: Engine, clock: Clock, visitor: Visitor, one_of_each: None, role: Role
) -> None:
    add_user(engine, "eve", PASSWORD, usual(role), clock(), COMMAND)
    visitor.sign_in("eve")
    for path, form in CHANGES.items():
        refused = visitor.client.post(path, data=form).status_code
        assert refused == 400, path  # without a form's token nothing is changed, whoever asks
        answer = visitor.post(path, **form)
        assert answer.status_code == (302 if role is Role.PMO_LEAD and path in LEAD_MAY else 403), path


def test_a_payload_is_for_those_who_decide(engine: Engine, clock: Clock, visitor: Visitor, one_of_each: None) -> None:
    add_user(engine, "eve", PASSWORD, usual(Role.AUDITOR), clock(), COMMAND)
    visitor.sign_in("eve")
    assert "unreadable" in visitor.text("/quarantine")
    assert 'href="/quarantine/1"' not in visitor.text("/quarantine")
    visitor.text("/quarantine/1", status=403)


def test_assets_are_kept_and_marked_by_their_contents(ada: Visitor) -> None:
    found = re.search(r'href="(/static/site\.css\?v=[0-9a-f]{8})"', ada.text("/"))
    assert found is not None
    assert "immutable" in ada.get(found[1]).headers["Cache-Control"]
    assert ada.get("/static/site.css").headers["Cache-Control"] == "no-cache"


def test_health_says_nothing_but_ok(visitor: Visitor) -> None:
    assert visitor.get("/healthz").json == {"status": "ok"}


def test_a_failure_inside_shows_no_trace(app: Flask, ada: Visitor) -> None:
    def broken() -> str:
        raise RuntimeError("a secret detail")

    app.view_functions["dictionary.dictionary"] = broken
    page = ada.text("/dictionary", status=500)
    assert "Something went wrong on our side" in page
    assert "secret detail" not in page
    assert "Traceback" not in page


@pytest.mark.parametrize("path", ["/", "/no/such/page", "/sign-in", "/runs/99999999999999999999"])
def test_without_a_database_people_get_a_page_that_says_so(ada: Visitor, engine: Engine, path: str) -> None:
    def gone(*_: object) -> None:
        raise CannotOpen("the connection to the database server was lost", "Check that the server runs.")

    event.listen(engine, "begin", gone)
    answer = ada.get(path)
    event.remove(engine, "begin", gone)
    lost = path in ("/", "/sign-in")
    assert answer.status_code == (503 if lost else 404)
    assert ("The database could not be used" if lost else "There is no such page") in answer.text
    assert ("Check that the server runs." in answer.text) is lost
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "Sign out" not in answer.text  # nobody can say who this is


def test_a_busy_database_is_told_with_the_time_to_come_back(ada: Visitor, engine: Engine) -> None:
    def busy(*_: object) -> None:
        raise DatabaseLocked("the database is locked by another process", "Wait.")

    event.listen(engine, "begin", busy)
    answer = ada.get("/runs?connection=1")
    event.remove(engine, "begin", busy)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "The database is busy" in answer.text
    assert 'href="/runs?connection=1"' in answer.text
