"""Accounts and settings on the admin's pages: given, taken away, refused with words, and written down."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from portfolio.access.grants import read_grants, usual
from portfolio.access.roles import EVERYTHING, Grant, Role, Scope, ScopeType
from portfolio.audit.entry import SYSTEM
from portfolio.audit.verify import verify
from portfolio.model.access import AuditEntry, User
from portfolio.organisation import PersonFigures, Separation, SignInRules, read_settings
from portfolio.store.engine import reading
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import PASSWORD, Visitor
from webapp.accounts.local import add_user

Open = Callable[[], AbstractContextManager[Rows]]
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
    ("form", "words"),
    [
        ({"name": "", "role": "executive", "scope": "all"}, "A user name needs 1 to 200"),
        ({"name": "ada", "role": "executive", "scope": "all"}, "already a user"),
        ({"name": "bea", "role": "king", "scope": "all"}, "Choose a role"),
        ({"name": "bea", "role": "executive", "scope": "portfolio:99"}, "Choose what the role is held over"),
        ({"name": "bea", "role": "project_manager", "scope": "all"}, "cannot be held over all"),
    ],
)
def test_a_user_that_cannot_be(ada: Visitor, form: dict[str, str], words: str) -> None:
    answer = ada.post("/settings/users/new", **form)
    assert answer.status_code == 422
    assert words in answer.text


def test_roles_are_given_and_taken_away(ada: Visitor, eve: int, engine: Engine) -> None:
    path = f"/settings/users/{eve}"
    assert ada.post(path, do="grant", role="project_manager", scope="own").status_code == 302
    assert "The role counts with their next page" in ada.text(path)
    assert ada.post(path, do="revoke", role="executive", scope="all").status_code == 302
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
    assert ada.post(path, do="revoke", role="admin", scope="all").status_code == 302
    assert ada.get("/settings/users/new").status_code == 403  # gone with the very next page


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
        add.project("Alpha", add.connection(), manager_id=mia)
    path = f"/settings/users/{eve}"
    assert "Mia Manager" in ada.text(f"{path}?person=mia")
    assert "Nobody of that name" in ada.text(f"{path}?person=nobody")
    ada.post(path, do="link", person=str(mia))
    assert "named for 1 project," in ada.text(path)
    assert log(engine, "user.linked") == [({"person": None}, {"person": mia})]
    ada.post(path, do="link", person="0")
    assert "Not linked to a person" in ada.text(path)
    assert ada.post(path, do="link", person="4711").status_code == 404


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
    assert ada.post("/settings/privacy", on="true", **said).status_code == 302
    assert "switched on, for: <bdi>Training</bdi>" in ada.text("/settings/privacy")
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
