"""Baselines on pages: proposed by a project's manager, decided by somebody else, and what differs since."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from flask import Flask
from sqlalchemy import Engine, select, update

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import SYSTEM
from portfolio.model.work import Baseline, ItemVersion
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.hostile.texts import MARKUP
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor, admit
from webapp.accounts.users import add_account

Open = Callable[[], AbstractContextManager[Rows]]


def signed(app: Flask, engine: Engine, clock: Clock, role: Role, person_id: int | None = None) -> Visitor:
    with writing(engine) as store:
        user_id = add_account(store, role.value, usual(role), clock(), SYSTEM, person_id=person_id)
    client = app.test_client()
    admit(client, user_id, clock())
    return Visitor(client)


def test_a_plan_in_points_says_why_nothing_is_earned(ada: Visitor, rows: Open, clock: Clock) -> None:
    today = clock().date()
    with rows() as add:
        jira = add.connection()
        project = add.project("Points", jira)
        add.item(project, jira, created=today, due=today + timedelta(days=14), points=5)
    path = f"/projects/{project}/baselines"
    ada.post(path, token_from=path)
    ada.post(f"{path}/decision", token_from=path, do="approve", version="1")
    assert "it is weighed by hours, not by points" in ada.get(f"/projects/{project}").text


def test_a_manager_proposes_and_a_lead_decides(app: Flask, engine: Engine, clock: Clock, rows: Open) -> None:
    today = clock().date()
    with rows() as add:
        jira, mia = add.connection(), add.person("Mia")
        project = add.project("One", jira, manager_id=mia)
        due = today + timedelta(days=14)
        add.item(project, jira, created=today, title=MARKUP["image"], due=due, estimate_s=36000)
    path = f"/projects/{project}/baselines"
    manager, lead = signed(app, engine, clock, Role.PROJECT_MANAGER, mia), signed(app, engine, clock, Role.PMO_LEAD)
    assert "No baseline is in force" in manager.get(path).text
    assert manager.post(path, token_from=path, reason=MARKUP["image"]).status_code == 302
    shown = manager.get(path).text
    assert "Version 1 is proposed." in shown
    assert "A program manager or the PMO lead decides on it." in shown
    assert "is proposed." not in manager.get(path).text
    assert "Approve" not in shown
    assert MARKUP["image"] not in shown
    refused = manager.post(path, token_from=path, reason="again")
    assert (refused.status_code, "waits for its decision" in refused.text) == (422, True)
    decision = f"{path}/decision"
    assert manager.post(decision, token_from=path, do="approve", version="1").status_code == 403
    assert lead.post(decision, token_from=path, do="allow", version="1").status_code == 400
    assert lead.post(decision, token_from=path, do="approve", version="1").status_code == 302
    assert "<strong>Version 1 is in force.</strong>" in lead.get(path).text
    assert lead.post(decision, token_from=path, do="reject", version="1").status_code == 422
    assert "Version 1 is in force, taken on" in manager.get(f"/projects/{project}").text
    assert "No item differs" in lead.get(path).text
    with writing(engine) as store:
        store.execute(update(ItemVersion).values(due=due + timedelta(days=7)))
    moved = lead.get(path).text
    assert "Moved." in moved
    assert "was " in moved
    assert MARKUP["image"] not in moved
    with reading(engine) as store:
        [made] = store.execute(select(Baseline.proposed_by, Baseline.decided_by, Baseline.self_approved)).all()
    assert made == ("project_manager", "pmo_lead", False)
