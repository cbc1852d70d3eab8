"""Accounts and settings on the admin's pages: given, taken away, refused with words, and written down."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from connector.settings import Secret
from portfolio.access.grants import read_grants, usual
from portfolio.access.roles import EVERYTHING, Grant, Role, Scope, ScopeType
from portfolio.audit.entry import SYSTEM
from portfolio.audit.verify import verify
from portfolio.model.access import AuditEntry, User
from portfolio.organisation import PersonFigures, Separation, SignInRules, read_settings
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.compiled import create_app
from tests.webapp.conftest import PASSWORD, Visitor
from webapp.accounts.admins import switch
from webapp.accounts.local import add_user
from webapp.accounts.users import SERVICE, add_account, find_user, user_of
from webapp.settings import Provider, SigningProxy, WebSettings

Open = Callable[[], AbstractContextManager[Rows]]
CHOSEN = "quite another pass phrase"
TOLD = re.compile(r'id="told" value="([^"]+)"')


def log(engine: Engine, action: str) -> list[tuple[Any, Any]]:
    with reading(engine) as connection:
        rows = connection.execute(select(AuditEntry.old, AuditEntry.new).where(AuditEntry.action == action))
        return [tuple(json.loads(it) if it else None for it in row) for row in rows]


@pytest.fixture
def eve(engine: Engine, clock: Clock, admin: int) -> int:
    return add_user(engine, "eve", PASSWORD, usual(Role.EXECUTIVE), clock(), SYSTEM)


def test_a_user_is_added_with_a_password_told_once(app: Flask, ada: Visitor, rows: Open, engine: Engine) -> None:
    with rows() as add:
        growth = add.portfolio("Growth")
    page = ada.post("/settings/users/new", name="bea", role="executive", scope=f"portfolio:{growth}")
    told = TOLD.search(page.text)
    assert told is not None
    assert "Executive, portfolio <bdi>Growth</bdi>" in page.text
    assert told[1] not in ada.text("/settings/users")
    other = Visitor(app.test_client())
    assert other.sign_in("bea", told[1]).status_code == 302
    assert told[1] not in json.dumps(log(engine, "user.added") + log(engine, "user.grants_changed"))


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"name": ""}, "name", "A user name needs 1 to 200"),
        ({"name": "ada"}, "name", "already a user"),
        ({"role": "king"}, "role", "Choose a role"),
        ({"scope": "portfolio:99"}, "scope", "Choose what the role is held over"),
        (
            {"role": "project_manager"},
            "scope",
            "The role Project manager cannot be held over that. It can be held over what the trackers name them for, "
            "a portfolio, a program, a project or a segment.",
        ),
        ({"role": "admin", "scope": "own"}, "scope", "It can be held over everything."),
        ({"password": "short"}, "password", "12 to 1000 characters"),
        ({"password": "passwordpassword"}, "password", "too easy to guess"),
    ],
)
def test_what_is_wrong_with_a_new_user_stands_at_its_field(
    ada: Visitor, engine: Engine, typed: dict[str, str], field: str, words: str
) -> None:
    answer = ada.post("/settings/users/new", **({"name": "bea", "role": "executive", "scope": "all"} | typed))
    assert answer.status_code == 422
    assert words in answer.text
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.text)
    assert 'value="passwordpassword"' not in answer.text
    with reading(engine) as connection:
        assert connection.scalars(select(User.name)).all() == ["ada"]


def test_a_password_can_be_chosen_for_them(app: Flask, ada: Visitor, eve: int) -> None:
    made = ada.post("/settings/users/new", name="bea", role="executive", scope="all", password=CHOSEN)
    assert made.status_code == 302
    page = ada.text(made.location)
    assert "They can sign in with the password you gave" in page
    assert CHOSEN not in page
    assert Visitor(app.test_client()).sign_in("bea", CHOSEN).status_code == 302
    answer = ada.post(f"/settings/users/{eve}/password", password="short")
    assert answer.status_code == 422
    assert re.search(r'name="password"[^>]*aria-invalid="true"', answer.text)
    assert ada.post(f"/settings/users/{eve}/password", password=CHOSEN).status_code == 302
    assert Visitor(app.test_client()).sign_in("eve", CHOSEN).status_code == 302


def test_a_made_up_password_is_as_long_as_the_rules_ask(ada: Visitor, engine: Engine) -> None:
    form = {"idle_minutes": "30", "absolute_hours": "8", "least_password": "64", "second_factor": "optional"}
    ada.post("/settings/sign-in", **form)
    told = TOLD.search(ada.post("/settings/users/new", name="bea", role="executive", scope="all").text)
    assert told is not None
    assert len(told[1]) >= 64


def test_roles_are_given_and_taken_away(ada: Visitor, eve: int, engine: Engine) -> None:
    path = f"/settings/users/{eve}"
    assert ada.post(path, do="grant", role="project_manager", scope="own").status_code == 302
    told = ada.text(path)
    assert "Given: <bdi>Project manager, what the trackers name them for</bdi>" in told
    assert "The role counts with their next page" in told
    assert ada.post(path, do="revoke", role="executive", scope="all").status_code == 302
    assert "Taken away: <bdi>Executive, everything</bdi>" in ada.text(path)
    assert ada.post(path, do="revoke", role="executive", scope="all").status_code == 404
    with reading(engine) as connection:
        assert read_grants(connection, eve) == usual(Role.PROJECT_MANAGER)
    assert log(engine, "user.grants_changed")[-1] == (
        {"grants": ["executive all", "project_manager own"]},
        {"grants": ["project_manager own"], "origin": "hand"},
    )


def test_a_role_over_what_is_gone_can_be_taken_away(ada: Visitor, engine: Engine, clock: Clock) -> None:
    gone = Grant(Role.EXECUTIVE, Scope(ScopeType.PROJECT, 4711))
    user = add_user(engine, "max", PASSWORD, [gone], clock(), SYSTEM)
    assert "project <bdi>that is gone</bdi>" in ada.text(f"/settings/users/{user}")
    assert ada.post(f"/settings/users/{user}", do="revoke", role="executive", scope="project:4711").status_code == 302
    with reading(engine) as connection:
        assert read_grants(connection, user) == frozenset()


def test_the_last_admin_stays(ada: Visitor, admin: int, eve: int, engine: Engine) -> None:
    path = f"/settings/users/{admin}"
    for form in ({"do": "off"}, {"do": "revoke", "role": "admin", "scope": "all"}):
        answer = ada.post(path, **form)
        assert answer.status_code == 422
        assert "This is the last admin" in answer.text
    with reading(engine) as connection:
        assert Grant(Role.ADMIN, EVERYTHING) in read_grants(connection, admin)
    ada.post(f"/settings/users/{eve}", do="grant", role="admin", scope="all")
    assert ada.post(path, do="revoke", role="admin", scope="all", sure="yes").status_code == 302
    assert ada.get("/settings/users/new").status_code == 403  # gone with the very next page


@pytest.mark.parametrize("form", [{"do": "off"}, {"do": "revoke", "role": "admin", "scope": "all"}])
def test_nobody_shuts_themselves_out_by_accident(
    ada: Visitor, admin: int, eve: int, engine: Engine, form: dict[str, str]
) -> None:
    ada.post(f"/settings/users/{eve}", do="grant", role="admin", scope="all")
    path = f"/settings/users/{admin}"
    asked = ada.post(path, **form)
    assert asked.status_code == 200
    assert "This is your own account" in asked.text
    assert ada.get("/settings/users/new").status_code == 200  # nothing is changed yet
    hidden = dict(re.findall(r'type="hidden" name="(sure|role|scope)" value="(\w+)"', asked.text.split("Leave it")[0]))
    assert ada.post(path, do=form["do"], **hidden).status_code == 302
    assert ada.get("/settings/users/new").status_code in (302, 403)


def test_without_any_admin_there_is_none_to_keep(engine: Engine, clock: Clock) -> None:
    lead = add_user(engine, "lea", PASSWORD, usual(Role.PMO_LEAD), clock(), SYSTEM)
    with writing(engine) as connection:
        switch(connection, lead, False, clock(), SYSTEM)
        switched = user_of(connection, lead)
        assert switched is not None
        assert find_user(connection, lead, switched.epoch) is None


def test_accounts_are_found_by_name_role_and_state(ada: Visitor, eve: int) -> None:
    ada.post(f"/settings/users/{eve}", do="off")
    link = f'href="/settings/users/{eve}"'
    for query in ("q=EV", "state=off", "role=executive", "q=e&role=executive&state=off"):
        assert link in ada.text(f"/settings/users?{query}"), query
    for query in ("q=zoe", "state=on", "role=auditor&state=off"):
        assert link not in ada.text(f"/settings/users?{query}"), query
    assert "No account fits the filter" in ada.text("/settings/users?q=zoe")


def test_switching_off_ends_the_sessions(app: Flask, ada: Visitor, eve: int, engine: Engine) -> None:
    other = Visitor(app.test_client())
    other.sign_in("eve")
    assert other.get("/").status_code == 200
    ada.post(f"/settings/users/{eve}", do="off")
    assert other.get("/").status_code == 302
    assert other.sign_in("eve").status_code == 401
    assert log(engine, "user.switched") == [({"active": True}, {"active": False})]
    ada.post(f"/settings/users/{eve}", do="on")
    assert other.sign_in("eve").status_code == 302


def test_a_made_up_password_replaces_the_old_one(app: Flask, ada: Visitor, eve: int) -> None:
    told = TOLD.search(ada.post(f"/settings/users/{eve}/password").text)
    assert told is not None
    other = Visitor(app.test_client())
    assert other.sign_in("eve").status_code == 401
    assert other.sign_in("eve", told[1]).status_code == 302
    assert ada.post(f"/settings/users/{eve}/sessions").status_code == 302
    assert other.get("/").status_code == 302


def test_a_user_is_linked_to_a_person(app: Flask, ada: Visitor, eve: int, rows: Open, engine: Engine) -> None:
    with rows() as add:
        mia = add.person("Mia Manager")
        jira, other = add.connection(), add.person("Ned")
        add.project("Alpha", jira, manager_id=mia)
        add.project("Beta", jira, manager_id=other, sponsor_id=mia)
        add.project("Gamma", jira, program_id=add.program("Growth", None, mia))
        add.project("Delta", jira, manager_id=other)
    path = f"/settings/users/{eve}"
    assert "Mia Manager" in ada.text(f"{path}?person=mia")
    assert "Nobody of that name" in ada.text(f"{path}?person=nobody")
    ada.post(path, do="link", person=str(mia))
    page = ada.text(path)
    assert "Linked to <bdi>Mia Manager</bdi>" in page
    assert re.search(r"<bdi>Alpha</bdi>.*?>manager<", page, re.DOTALL)
    assert re.search(r"<bdi>Beta</bdi>.*?>sponsor<", page, re.DOTALL)
    assert re.search(r"<bdi>Gamma</bdi>.*?>manager of its program <bdi>Growth<", page, re.DOTALL)
    assert "Delta" not in page.partition("Project that names them")[2].partition("</table>")[0]
    assert log(engine, "user.linked") == [({"person": None}, {"person": mia})]
    ada.post(path, do="link", person="0")
    assert "Not linked to a person" in ada.text(path)
    assert ada.post(path, do="link", person="4711").status_code == 404


def test_a_service_account_is_no_person(ada: Visitor, rows: Open, engine: Engine, clock: Clock) -> None:
    with rows() as add:
        mia = add.person("Mia Manager")
        robot = add_account(add.db, "robot", usual(Role.EXECUTIVE), clock(), SYSTEM, known=SERVICE)
    page = ada.text(f"/settings/users/{robot}")
    assert "Tokens only: a service account" in page
    assert "In the trackers" not in page
    assert "Set the password" not in page
    assert ada.post(f"/settings/users/{robot}", do="link", person=str(mia)).status_code == 404
    assert ada.post(f"/settings/users/{robot}/password").status_code == 404


def test_fields_nobody_asked_for_do_nothing(ada: Visitor, eve: int, engine: Engine) -> None:
    form = {"do": "on", "name": "king", "role": "admin", "origin": "proxy", "password_hash": "x", "id": "1"}
    ada.post(f"/settings/users/{eve}", **form)
    with reading(engine) as connection:
        row = connection.execute(select(User.__table__).where(User.id == eve)).one()
        assert (row.name, row.origin) == ("eve", "local")
        assert read_grants(connection, eve) == usual(Role.EXECUTIVE)


def test_an_unknown_account_or_change_is_refused(ada: Visitor, eve: int) -> None:
    assert ada.get("/settings/users/4711").status_code == 404
    assert ada.post("/settings/users/4711", do="off").status_code == 404
    assert ada.post(f"/settings/users/{eve}", do="explode").status_code == 400


def test_sign_in_rules_are_saved_and_written_down(ada: Visitor, engine: Engine) -> None:
    form = {"idle_minutes": "30", "absolute_hours": "8", "least_password": "16", "second_factor": "optional"}
    assert ada.post("/settings/sign-in", **form).status_code == 302
    assert "<strong>Saved.</strong>" in ada.text("/settings/sign-in")
    with reading(engine) as connection:
        assert read_settings(connection, SignInRules).least_password == 16
        assert verify(connection).broken_at is None
    assert log(engine, "settings.changed") == [
        (
            {"idle_minutes": 120, "absolute_hours": 12, "least_password": 12},
            {"idle_minutes": 30, "absolute_hours": 8, "least_password": 16},
        )
    ]
    ada.post("/settings/sign-in", **form)
    assert "Nothing was different" in ada.text("/settings/sign-in")


def test_what_the_process_is_told_of_other_ways_in_is_shown_and_no_secret(
    engine: Engine, clock: Clock, admin: int
) -> None:
    provider = Provider(issuer="https://id.example.invalid/realm", client_id="x", client_secret=Secret("hush hush"))
    proxy = SigningProxy(header="X-Who", networks=(ip_network("10.1.2.0/24"),))
    settings = WebSettings(engine=engine, secret_key="only for tests", clock=clock)
    texts = []
    for ways in (settings, replace(settings, oidc=provider), replace(settings, signing_proxy=proxy)):
        visitor = Visitor(create_app(ways).test_client())
        visitor.sign_in()
        texts.append(visitor.text("/settings/sign-in"))
    assert "There is none: people sign in with a name and a password" in texts[0]
    assert "id.example.invalid/realm" in texts[1]
    assert "hush" not in texts[1]
    assert "X-Who" in texts[2]
    assert "10.1.2.0/24" in texts[2]


def test_a_refused_choice_stays_as_it_was_typed(ada: Visitor) -> None:
    form = {"idle_minutes": "1", "absolute_hours": "8", "least_password": "16", "second_factor": "everybody"}
    page = ada.post("/settings/sign-in", **form).text
    assert "It takes a whole number from 5 to 1440" in page
    assert 'value="everybody" selected' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [("idle_minutes", "1"), ("absolute_hours", "ten"), ("least_password", ""), ("idle_minutes", "9e9")],
)
def test_a_rule_out_of_bounds_is_told_at_its_field(ada: Visitor, engine: Engine, field: str, value: str) -> None:
    form = {"idle_minutes": "30", "absolute_hours": "8", "least_password": "16", "second_factor": "optional"}
    answer = ada.post("/settings/sign-in", **(form | {field: value}))
    assert answer.status_code == 422
    assert re.search(rf'name="{field}"[^>]*value="{value}"[^>]*aria-invalid', answer.text)
    with reading(engine) as connection:
        assert read_settings(connection, SignInRules) == SignInRules()


def test_figures_of_persons_need_everything_said(ada: Visitor, engine: Engine, clock: Clock) -> None:
    said = {"purpose": "Training", "legal_basis": "Agreement", "approver": "Works council", "approved_on": "2026-02-27"}
    for missing in said:
        answer = ada.post("/settings/privacy", on="true", **(said | {missing: ""}))
        assert answer.status_code == 422
        assert re.search(rf'name="{missing}"[^>]*aria-invalid', answer.text), missing
    assert ada.post("/settings/privacy", on="true", **(said | {"approved_on": "2027-01-01"})).status_code == 422
    oneself = ada.post("/settings/privacy", on="true", **(said | {"approver": "Ada"}))
    assert oneself.status_code == 422
    assert re.search(r'name="approver"[^>]*aria-invalid', oneself.text)
    assert "the name of somebody else than you" in oneself.text
    assert "Figures of single persons are switched off" in oneself.text
    assert ada.post("/settings/privacy", on="true", **said).status_code == 302
    page = ada.text("/settings/privacy")
    assert "switched on, for: <bdi>Training</bdi>" in page
    assert "Last changed 2026-03-02 09:00 by <bdi>ada</bdi>" in page
    ada.post("/settings/privacy", **said)
    with reading(engine) as connection:
        held = read_settings(connection, PersonFigures)
    assert (held.on, held.purpose) == (False, "Training")  # the words stay


def test_the_small_organisation_ends_when_roles_are_apart(ada: Visitor, admin: int, eve: int, engine: Engine) -> None:
    refused = ada.post("/settings/organisation")
    assert refused.status_code == 422
    assert "somebody still holds roles that should be apart" in refused.text
    assert f'href="/settings/users/{admin}"' in refused.text
    for role in Role:
        if role is not Role.ADMIN:
            scope = "own" if role in (Role.PROJECT_MANAGER, Role.PROGRAM_MANAGER) else "all"
            ada.post(f"/settings/users/{admin}", do="revoke", role=role.value, scope=scope)
    assert ada.post("/settings/organisation").status_code == 302
    with reading(engine) as connection:
        assert not read_settings(connection, Separation).small
    answer = ada.post(f"/settings/users/{eve}", do="grant", role="auditor", scope="all")
    assert answer.status_code == 422
    assert "may not be held beside another role" in answer.text


def test_a_lead_looks_and_does_not_change(app: Flask, engine: Engine, clock: Clock, eve: int) -> None:
    add_user(engine, "lea", PASSWORD, usual(Role.PMO_LEAD), clock(), SYSTEM)
    lead = Visitor(app.test_client())
    lead.sign_in("lea")
    assert "An admin can change it" in lead.text("/settings/privacy")
    page = lead.text(f"/settings/users/{eve}")
    assert "Switch off" not in page
    assert lead.post(f"/settings/users/{eve}", do="off").status_code == 403
    assert lead.post("/settings/privacy").status_code == 403


def test_what_each_role_may_do_is_the_matrix(ada: Visitor) -> None:
    page = ada.text("/settings/roles")
    row = re.search(r"Figures of single persons, once switched on</th>(.*?)</tr>", page, re.DOTALL)
    assert row is not None
    cells = re.findall(r"<td>(.*?)</td>", row[1], re.DOTALL)
    plain = [re.sub("<[^>]+>", "", cell).strip() for cell in cells]
    assert plain == ["see", "–", "load only", "in groups", "load only", "masked", "–"]  # noqa: RUF001
