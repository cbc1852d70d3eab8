"""Overlay fields on pages: who enters what, what is refused at its field, what a list shows, what a file brings."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update

from portfolio.access.grants import usual
from portfolio.access.roles import EVERYTHING, Grant, Role
from portfolio.audit.entry import SYSTEM
from portfolio.model.structure import Project
from portfolio.overlay.enter import enter
from portfolio.overlay.text import Value
from portfolio.overlay.values import tell
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.hostile.texts import MARKUP
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor, admit
from tests.webapp.programs import program
from webapp.accounts.users import add_account

Open = Callable[[], AbstractContextManager[Rows]]


@pytest.fixture
def project(rows: Open, clock: Clock) -> int:
    """A project that Mia leads as its tracker tells, with a due date in conflict and one that was kept."""
    with rows() as add:
        jira, mia = add.connection(), add.person("Mia")
        one = add.project("One", jira, code="ONE")
        add.project("Two", jira, code="TWO", manager_id=mia)
        told = {"manager": Value(person_id=mia), "due": Value("2026-06-30"), "client": Value(MARKUP["image"])}
        tell(add.db, jira, clock(), {one: told})
        enter(add.db, {one: {"client": "Acme"}}, clock() + timedelta(hours=1), "ada", SYSTEM)
        enter(add.db, {one: {"due": "2026-05-01"}}, clock() - timedelta(hours=1), "ada", SYSTEM)
    return one


def signed(app: Flask, engine: Engine, clock: Clock, role: Role, person_id: int | None = None) -> Visitor:
    with writing(engine) as store:
        user_id = add_account(store, role.value, usual(role), clock(), SYSTEM, person_id=person_id)
    client = app.test_client()
    admit(client, user_id, clock())
    return Visitor(client)


def stands(engine: Engine, *columns: object) -> tuple[object, ...]:
    with reading(engine) as store:
        return tuple(store.execute(select(*columns).where(Project.code == "ONE")).one())  # type: ignore[call-overload]


def test_a_manager_enters_what_is_open_to_managers_and_nothing_else(
    app: Flask, engine: Engine, clock: Clock, project: int
) -> None:
    mia = signed(app, engine, clock, Role.PROJECT_MANAGER, person_id=1)
    page = mia.text(f"/projects/{project}/data")
    assert 'name="budget"' in page
    assert 'name="segment"' not in page
    assert "A PMO lead enters the rest: manager, sponsor, segment" in page
    assert mia.post(f"/projects/{project}/data", budget="9 EUR").status_code == 302
    assert stands(engine, Project.budget_currency) == ("EUR",)
    assert mia.post(f"/projects/{project}/data", segment="Retail").status_code == 403
    assert stands(engine, Project.segment) == (None,)
    assert "Enter what is missing" in mia.text(f"/projects/{project}")


def test_who_sees_no_billing_sees_no_budget(app: Flask, engine: Engine, clock: Clock, project: int) -> None:
    with writing(engine) as store:
        enter(store, {project: {"budget": "123456 EUR"}}, clock(), "ada", SYSTEM)
    assert "123456.00" in signed(app, engine, clock, Role.AUDITOR).text(f"/projects/{project}")
    assert "123456.00" not in signed(app, engine, clock, Role.RESOURCE_MANAGER).text(f"/projects/{project}")
    admin = signed(app, engine, clock, Role.ADMIN)
    assert "123456.00" not in admin.text("/mapping/projects-data/export.csv")
    refused = admin.post("/mapping/projects-data/import", rows="code,budget\nONE,1 EUR")
    assert refused.status_code == 422
    assert "This is not yours to enter" in refused.text


def test_what_cannot_be_kept_is_said_at_its_field_and_the_rest_is_kept_in_the_form(ada: Visitor, project: int) -> None:
    refused = ada.post(f"/projects/{project}/data", budget="many", segment="Retail", sponsor="Nobody")
    assert refused.status_code == 422
    assert "2 fields cannot be kept as typed" in refused.text
    assert "Write it like 120000.00 EUR" in refused.text
    assert 'value="many"' in refused.text
    assert 'value="Retail"' in refused.text


def test_what_nobody_changed_in_the_form_keeps_who_entered_it(ada: Visitor, engine: Engine, project: int) -> None:
    form = {"client": "Acme", "was-client": "Acme", "due": "", "was-due": "2026-05-01"}
    assert 'name="was-due" value="2026-05-01"' in ada.text(f"/projects/{project}/data")
    assert ada.post(f"/projects/{project}/data", **form).status_code == 302
    page = ada.text(f"/projects/{project}")
    assert page.count("by <bdi>ada</bdi>") == 1
    assert str(stands(engine, Project.due)[0]) == "2026-06-30"


def test_what_somebody_else_has_entered_since_the_form_was_made_stays(
    ada: Visitor, engine: Engine, clock: Clock, project: int
) -> None:
    with writing(engine) as store:
        enter(store, {project: {"client": "Umbrella"}}, clock(), "bea", SYSTEM)
    form = {"client": "Acme", "was-client": "Acme", "segment": "Retail", "was-segment": ""}
    assert ada.post(f"/projects/{project}/data", **form).status_code == 302
    assert stands(engine, Project.client, Project.segment) == ("Umbrella", "Retail")


def test_nothing_is_suggested_that_stands_in_projects_out_of_sight(
    app: Flask, engine: Engine, rows: Open, clock: Clock, project: int
) -> None:
    with rows() as add:
        add.project("Three", client="Secret Client", manager_id=add.person("Secret Lead"))
        add.project("Four", client="Gone Client", fed=False)
    page = signed(app, engine, clock, Role.PROJECT_MANAGER, person_id=1).text(f"/projects/{project}/data")
    assert "<option>Acme<" in page
    assert "<option>Mia<" in page
    assert "Secret" not in page
    everything = signed(app, engine, clock, Role.PMO_LEAD).text(f"/projects/{project}/data")
    assert "<option>Secret Client<" in everything
    assert "Gone Client" not in everything


def test_conflicts_are_listed_decided_and_saved(ada: Visitor, engine: Engine, project: int) -> None:
    page = ada.text("/mapping/conflicts")
    assert "1 value entered here differs" in page
    assert "2026-06-30" in page
    assert "Acme" not in page  # entered after the tracker had told: somebody meant it
    every = ada.text("/mapping/conflicts?all=1&sort=field&field=client")
    assert "Acme" in every
    assert MARKUP["image"] not in every
    assert "2026-06-30" in ada.text("/mapping/conflicts.csv")
    kept = {"project": str(project), "field": "due", "decision": "entered"}
    assert ada.post("/mapping/conflicts", **kept).status_code == 302
    assert "Nothing to do here" in ada.text("/mapping/conflicts")
    assert str(stands(engine, Project.due)[0]) == "2026-05-01"
    assert ada.post("/mapping/conflicts", **(kept | {"decision": "told"})).status_code == 302
    assert str(stands(engine, Project.due)[0]) == "2026-06-30"
    assert ada.post("/mapping/conflicts", **(kept | {"field": "colour"})).status_code == 302
    assert "That was decided already" in ada.text("/mapping/conflicts")


def test_one_field_of_many_projects(ada: Visitor, engine: Engine, project: int) -> None:
    address = "/mapping/projects-data?field=due"
    assert 'name="was-1" value="2026-05-01"' in ada.text(address)
    form = {"value-1": "2026-05-01", "was-1": "2026-05-01", "value-2": "soon", "was-2": ""}
    refused = ada.post(address, **form)
    assert refused.status_code == 422
    assert "1 value cannot be kept as typed" in refused.text
    assert 'value="soon"' in refused.text
    assert ada.post(address, **(form | {"value-2": "2026-09-01"})).status_code == 302
    assert "1 project changed" in ada.text(address)
    assert "TWO" not in ada.text(f"{address}&missing=1")
    assert ada.post(address, **{"value-987": "2026-09-01", "was-987": ""}).status_code == 422
    with reading(engine) as store:
        assert str(store.scalar(select(Project.due).where(Project.code == "TWO"))) == "2026-09-01"


def test_a_file_goes_out_and_comes_back(ada: Visitor, engine: Engine, project: int) -> None:
    out = ada.text("/mapping/projects-data/export.csv")
    head = "code,name,manager,sponsor"
    assert head in out
    again = ada.post("/mapping/projects-data/import", rows=out)
    assert again.status_code == 200
    assert "2 rows of the file" in again.text
    assert stands(engine, Project.client) == ("Acme",)
    rows = 'code;sponsor;client\nONE;Mia;-\nTWO;"Mia";Acme\nTWO;;\nSIX;;\n'
    refused = ada.post("/mapping/projects-data/import", rows=rows)
    assert refused.status_code == 422
    for said in ("stands in row 3 already", "There is no project of that code", "right, but not entered"):
        assert said in refused.text
    assert stands(engine, Project.sponsor_id) == (None,)
    assert ada.post("/mapping/projects-data/import", rows=rows[: rows.index("TWO;;")]).status_code == 200
    assert stands(engine, Project.sponsor_id, Project.client) == (1, MARKUP["image"])
    wrong = ada.post("/mapping/projects-data/import", rows="code,budget\nONE,much\nTWO,1 EUR")
    assert "budget: That is no amount" in wrong.text
    both = ada.post("/mapping/projects-data/import", rows="code,budget\nONE,much\nTWO,1 EUR\nSIX,1 EUR").text
    assert "budget: That is no amount" in both
    assert "There is no project of that code" in both
    assert both.count("right, but not entered") == 1
    assert stands(engine, Project.budget) == (None,)
    for broken in ("name,client\nOne,x", "code,code\n1,2", 'code,client\nONE,"x'):
        assert ada.post("/mapping/projects-data/import", rows=broken).status_code == 422


def test_texts_that_look_like_formulas_come_back_as_they_were(ada: Visitor, engine: Engine, project: int) -> None:
    for text in ("＝SUM(A1)", "-", "+1"):  # noqa: RUF001 - a spreadsheet folds it
        assert ada.post(f"/projects/{project}/data", client=text).status_code == 302
        out = ada.text("/mapping/projects-data/export.csv")
        assert ada.post("/mapping/projects-data/import", rows=out).status_code == 200
        assert stands(engine, Project.client) == (text,)


def test_what_nothing_feeds_is_on_no_list(ada: Visitor, engine: Engine, rows: Open, project: int) -> None:
    addresses = ("/mapping/projects-data?field=client", "/mapping/projects-data/export.csv", "/mapping/conflicts?all=1")
    assert all("Acme" in ada.text(address) for address in addresses)
    with rows() as add:
        add.db.execute(update(Project).where(Project.id == project).values(fed=False))
    assert not any("Acme" in ada.text(address) for address in addresses)
    assert "TWO" in ada.text(addresses[1])


def test_a_program_reads_what_counts_and_why(app: Flask, engine: Engine, clock: Clock, project: int) -> None:
    with writing(engine) as store:
        enter(store, {project: {"budget": "5 EUR"}}, clock(), "ada", SYSTEM)
    grants = frozenset({Grant(Role.PMO_LEAD, EVERYTHING)})
    found = program(app, engine, clock(), "kpis.view", "billing.view", grants=grants).read(f"/projects/{project}")
    data = {it["field"]: it for it in found["data"]}
    assert list(data) == ["manager", "client", "budget", "due"]
    assert (data["budget"]["value"], data["budget"]["entered_by"], data["budget"]["told"]) == ("5.00 EUR", "ada", None)
    due = data["due"]
    assert (due["value"], due["told"], due["told_by"], due["differs"]) == ("2026-05-01", "2026-06-30", "Jira EU", True)
    without = program(app, engine, clock(), "kpis.view", grants=grants).read(f"/projects/{project}")
    assert [it["field"] for it in without["data"]] == ["manager", "client", "due"]
