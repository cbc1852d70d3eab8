"""The pages about rules: the matrix and whose projects stand in it, a rule tried before it counts, waivers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, select, update

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import SYSTEM
from portfolio.facts.gather import day_of, gather
from portfolio.governance.results import standing
from portfolio.kpis.catalogue import KPIS
from portfolio.model.access import User
from portfolio.model.governance import RuleResult, Waiver
from portfolio.model.oversight import KpiValue
from portfolio.model.structure import Project
from portfolio.store.engine import reading, writing
from portfolio.store.locks import Lock
from tests.conftest import Clock
from tests.portfolio.governance.all_rules import run_all
from tests.webapp.builders import Rows
from tests.webapp.conftest import PASSWORD, Visitor, admit
from webapp.accounts.local import add_user
from webapp.accounts.users import add_account

Open = Callable[[], AbstractContextManager[Rows]]


@pytest.fixture
def projects(rows: Open, engine: Engine, clock: Clock) -> tuple[int, int]:
    """One that keeps its dates, and one with an item that is long overdue."""
    today = clock().date()
    with rows() as add:
        connection = add.connection()
        good, bad = add.project("Steady"), add.project("Tardy & <b>")
        add.item(good, connection, created=today - timedelta(days=60), due=today)
        add.item(
            bad, connection, created=today - timedelta(days=60), due=today - timedelta(days=40), title="<i>Late</i>"
        )
    run(engine, clock)
    return good, bad


def run(engine: Engine, clock: Clock) -> None:
    with writing(engine) as connection:
        run_all(connection, as_of=clock().date(), now=clock())


def outcome(engine: Engine, project_id: int, rule: str = "TIM-R02") -> str:
    with reading(engine) as connection:
        return standing(connection)[rule, project_id].result.outcome


def test_a_rule_says_which_fields_are_missing(ada: Visitor, projects: tuple[int, int]) -> None:
    assert "Missing: manager, sponsor" in ada.get(f"/projects/{projects[0]}/rules/GOV-R01").text


def test_the_matrix_says_what_fails_and_leads_to_why(ada: Visitor, projects: tuple[int, int]) -> None:
    page = ada.get("/governance?outcome=fail")
    assert "2 of 2 projects fail a critical rule" in page.text
    assert f"/projects/{projects[1]}/rules/TIM-R02" in page.text
    assert "<b>" not in page.text.split("<main", 1)[1].replace("<bdi>", "")
    narrowed = ada.get("/governance?severity=high&q=steady")
    assert "Steady" in narrowed.text
    assert "Tardy" not in narrowed.text
    table = ada.get("/governance.csv").text.splitlines()
    assert table[0].startswith("\ufeffCode,Project,Program,Manager,Score,Grade,")
    assert len(table) == 3
    why = ada.get(f"/projects/{projects[1]}/rules/TIM-R02")
    assert "1 of 1 fails" in why.text
    assert "&lt;i&gt;Late&lt;/i&gt;" in why.text
    assert "Give these" in why.text


def test_a_manager_sees_the_own_projects_only(
    visitor: Visitor, engine: Engine, clock: Clock, rows: Open, projects: tuple[int, int]
) -> None:
    with rows() as add:
        person = add.person("Pia")
        add.db.execute(update(Project).where(Project.id == projects[0]).values(manager_id=person))
    user = add_user(engine, "pia", PASSWORD, usual(Role.PROJECT_MANAGER), clock(), SYSTEM)
    _link(engine, user, person)
    admit(visitor.client, user, clock())
    page = visitor.get("/governance")
    assert "Steady" in page.text
    assert "Tardy" not in page.text
    assert len(visitor.get("/governance.csv").text.splitlines()) == 2
    assert visitor.get(f"/projects/{projects[1]}/rules/TIM-R02").status_code == 404
    assert "Tardy" not in visitor.get("/governance/rules/TIM-R02").text


def _link(engine: Engine, user_id: int, person_id: int) -> None:
    with writing(engine) as connection:
        connection.execute(update(User).where(User.id == user_id).values(person_id=person_id))


def test_a_rule_is_tried_before_it_counts(
    ada: Visitor, engine: Engine, clock: Clock, projects: tuple[int, int]
) -> None:
    path = "/governance/rules/TIM-R02"
    params = '{"filter": {"category": ["todo"], "has": ["due"]}, "date": "due", "n_wd": 100}'
    form = {"seen": "0", "severity": "high", "grace_days": "0", "enabled": "1", "params": params}
    with reading(engine) as connection:
        before = connection.scalar(select(func.count()).select_from(RuleResult))
    tried = ada.post(path, **(form | {"do": "try"}))
    assert "0 projects would fail, 2 pass" in tried.text
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(RuleResult)) == before
    assert outcome(engine, projects[1]) == "fail"
    refused = ada.post(path, **(form | {"do": "save", "params": '{"filter": {"kin": 1}}'}))
    assert refused.status_code == 422
    assert "is no name of a filter" in refused.text
    assert ada.post(path, **(form | {"do": "save"})).status_code == 302
    assert outcome(engine, projects[1]) == "pass"
    with reading(engine) as connection:
        day = day_of(connection, clock().date(), clock())
        anew = KPIS["GOV-01"].read(gather(connection, day, projects)[projects[1]], day).value
        kept = connection.scalar(
            select(KpiValue.value).where(
                KpiValue.kpi == "GOV-01", KpiValue.scope_id == projects[1], KpiValue.scope_type == "project"
            )
        )
    assert anew is not None
    assert kept == float(anew)
    assert ada.post(path, **(form | {"do": "save", "severity": "low"})).status_code == 409
    assert ada.post(path, **(form | {"do": "reset", "seen": "1"})).status_code == 302
    assert outcome(engine, projects[1]) == "fail"


def test_a_waiver_is_asked_for_decided_and_taken_back(
    ada: Visitor, engine: Engine, clock: Clock, projects: tuple[int, int]
) -> None:
    path = f"/projects/{projects[1]}/rules/TIM-R02"
    until = (clock().date() + timedelta(days=10)).isoformat()
    asks = {"do": "request", "reason": "The vendor is late", "compensating_control": "A weekly call", "valid_to": until}
    wrong = ada.post(path, **(asks | {"valid_to": "2001-01-01"}))
    assert wrong.status_code == 422
    assert "The vendor is late" in wrong.text
    assert ada.post(path, **asks).status_code == 302
    assert ada.post(path, **asks).status_code == 422
    assert ada.post(path, do="approve", waiver="1").status_code == 302
    assert outcome(engine, projects[1]) == "waived"
    with reading(engine) as connection:
        assert connection.scalar(select(Waiver.self_approved))
    assert "who asked for it, too" in ada.get(path).text
    assert ada.post(path, do="withdraw", waiver="1").status_code == 302
    assert outcome(engine, projects[1]) == "fail"
    assert ada.post(f"/projects/{projects[0]}/rules/TIM-R02", do="withdraw", waiver="1").status_code == 404


def test_who_decides_waits_for_a_roll_up_first(ada: Visitor, engine: Engine, projects: tuple[int, int]) -> None:
    """Locks taken in another order than a roll-up takes them would have both wait for each other."""
    if engine.dialect.name != "postgresql":
        pytest.skip("a writer of SQLite is alone from its beginning")
    locked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "pg_advisory_xact_lock" in statement:
            locked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        ada.post(f"/projects/{projects[1]}/rules/TIM-R02", do="request", reason="r", valid_to="2001-01-01")
        ada.post("/governance/rules/TIM-R02", do="save", seen="0", severity="low", grace_days="0", params="{}")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    first = [before for before, lock in zip(["", *locked], locked, strict=False) if str(Lock.GOVERNANCE.value) in lock]
    assert first
    assert all(str(Lock.FIGURES.value) in before for before in first)


def test_nobody_decides_for_a_project_they_manage(
    ada: Visitor, admin: int, engine: Engine, rows: Open, clock: Clock, projects: tuple[int, int]
) -> None:
    with rows() as add:
        person = add.person("Ada")
        add.db.execute(update(Project).where(Project.id == projects[1]).values(manager_id=person))
    _link(engine, admin, person)
    path = f"/projects/{projects[1]}/rules/TIM-R02"
    until = (clock().date() + timedelta(days=10)).isoformat()
    assert ada.post(path, do="request", reason="r", valid_to=until).status_code == 302
    assert "You manage this project" in ada.post(path, do="approve", waiver="1").text


def test_a_waiver_is_taken_back_by_who_asked_for_it_or_who_decides(
    app: Flask, ada: Visitor, engine: Engine, clock: Clock, rows: Open, projects: tuple[int, int]
) -> None:
    with rows() as add:
        mia = add.person("Mia")
    with writing(engine) as store:
        store.execute(update(Project).where(Project.id == projects[1]).values(manager_id=mia))
        user_id = add_account(store, "mia", usual(Role.PROJECT_MANAGER), clock(), SYSTEM, person_id=mia)
    client = app.test_client()
    admit(client, user_id, clock())
    manager = Visitor(client)
    path = f"/projects/{projects[1]}/rules/TIM-R02"
    asks = {"do": "request", "reason": "Late", "valid_to": (clock().date() + timedelta(days=10)).isoformat()}
    assert ada.post(path, **asks).status_code == 302
    assert ada.post(path, do="approve", waiver="1").status_code == 302
    assert manager.post(path, token_from=path, do="withdraw", waiver="1").status_code == 403
    assert outcome(engine, projects[1]) == "waived"
    assert "Take back" not in manager.get(path).text
    assert manager.post(path, token_from=path, **asks).status_code == 302
    assert "Take back" in manager.get(path).text
    assert manager.post(path, token_from=path, do="withdraw", waiver="2").status_code == 302
    assert ada.post(path, do="withdraw", waiver="1").status_code == 302
