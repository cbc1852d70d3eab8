"""Planned and actual hours: projects and roles for all who see load, single persons for who may see their figures."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, select

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import SYSTEM
from portfolio.model.people import Allocation, Person
from portfolio.model.structure import Project
from portfolio.model.work import Worklog
from portfolio.organisation import PersonFigures, change_settings
from portfolio.store.engine import writing
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor

Open = Callable[[], AbstractContextManager[Rows]]
HOUR = 3600
FEW = "fewer than 5 persons: not shown"
MONDAY = date(2026, 2, 16)


@pytest.fixture
def worked(rows: Open) -> dict[str, int]:
    """Five testers booked for 10 h each of Mia's project, who logged 8; Ned, a writer, booked for 10 h of another, who
    logged nothing there and 7 h on one that books nobody."""
    with rows() as add:
        jira, mia = add.connection(), add.person("Mia")
        one = add.project("One", jira, manager_id=mia)
        two, three = (add.project(name, jira) for name in ("Two", "Three"))
        testers = [add.add(Person, name=f"Tess {number}", active=True, role="Tester") for number in range(5)]
        ned = add.add(Person, name="Ned", active=True, role="Writer")
        for person, project in [*((tester, one) for tester in testers), (ned, two)]:
            told = {"start": MONDAY, "end": MONDAY, "kind": "hard", "hours_per_day": 10}
            add.add(Allocation, person_id=person, project_id=project, **told)
        logs = [*((tester, one, 8) for tester in testers), (ned, three, 7)]
        for number, (person, project, hours) in enumerate(logs):
            add.add(
                Worklog, connection_id=jira, external_id=f"l{number}", person_id=person, project_id=project,
                work_date=MONDAY, seconds=hours * HOUR, rejected=False,
            )  # fmt: skip
    return {"mia": mia}


def table(visitor: Visitor, query: str = "") -> list[list[str]]:
    return list(csv.reader(io.StringIO(visitor.get(f"/resources/actual.csv{query}").text)))[1:]


def figures_on(engine: Engine) -> None:
    with writing(engine) as store:
        change_settings(
            store,
            PersonFigures(on=True, purpose="p", legal_basis="l", approver="a", approved_on=MONDAY),
            datetime.now(UTC),
            SYSTEM,
        )


def text_of(visitor: Visitor, path: str = "/resources/actual") -> str:
    return re.sub(r"\s+", " ", visitor.text(path))


def test_projects_that_book_are_held_against_what_was_logged(
    signed: Signed, worked: dict[str, int], engine: Engine
) -> None:
    lead = signed("pmo", usual(Role.PMO_LEAD), None)
    figures_on(engine)
    page = text_of(lead)
    assert "plan and time logged agree in 67%:</strong> 60 h were booked, 40 h logged." in page
    assert "Another 7 h were logged in projects that booked nobody" in page
    assert "Week by week" in page
    # Who is furthest apart in hours stands first; of as many, by name.
    assert table(lead) == [
        ["One", "5", "50.0", "40.0", "40.0", "50.0", "0.8"],
        ["Two", "1", "10.0", "0.0", "0.0", "10.0", "0.0"],
    ]
    assert lead.get("/resources/actual.xlsx").status_code == 200
    assert "Nobody was booked firmly in the last 1 week." in text_of(lead, "/resources/actual?number=1")


def test_who_sees_no_figures_of_persons_sees_nothing_of_few_and_no_single_weeks(
    signed: Signed, worked: dict[str, int], rows: Open
) -> None:
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    # Of Two it is one person's hours, and with those of One shown they would be the rest of all.
    assert [line[2] for line in table(manager)] == [FEW, FEW]
    assert table(manager, "?by=role") == table(manager, "?number=1") == table(manager)
    page = text_of(manager)
    assert "plan and time logged agree in 67%:</strong> 60 h were booked" in page
    assert not [told for told in ("Another 7 h", "Week by week", 'name="number"', 'name="by"') if told in page]
    with rows() as add:
        two = add.db.scalar(select(Project.id).where(Project.name == "Two"))
        for person_id in add.db.scalars(select(Person.id).where(Person.role == "Tester")).all():
            told = {"start": MONDAY, "end": MONDAY, "kind": "hard", "hours_per_day": 1}
            add.add(Allocation, person_id=person_id, project_id=two, **told)
    assert [line[:3] for line in table(manager)] == [["Two", "6", "15.0"], ["One", "5", "50.0"]]


def test_single_persons_are_for_who_may_see_their_figures(
    signed: Signed, worked: dict[str, int], engine: Engine
) -> None:
    lead = signed("pmo", usual(Role.PMO_LEAD), None)
    assert [line[0] for line in table(lead, "?by=person")] == ["One", "Two"]
    figures_on(engine)
    assert ["Ned", "1", "10.0", "0.0", "0.0", "10.0", "0.0"] in table(lead, "?by=person")
    assert ["Writer", "1", "10.0", "0.0", "0.0", "10.0", "0.0"] in table(lead, "?by=role")
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    assert [line[0] for line in table(manager, "?by=person")] == ["One", "Two"]


def test_an_executive_sees_roles_large_enough(signed: Signed, worked: dict[str, int], rows: Open) -> None:
    executive = signed("exec", usual(Role.EXECUTIVE), None)
    assert {line[0]: len(line) for line in table(executive, "?by=project")} == {"Tester": 3, "Writer": 3}
    page = text_of(executive)
    assert "Ned" not in page
    assert "agree in 67%" in page  # six persons
    assert "Another" not in page
    assert "Week by week" not in page
    assert "In the last 12 weeks" in text_of(executive, "/resources/actual?number=1")


def test_a_project_manager_sees_their_projects(signed: Signed, worked: dict[str, int]) -> None:
    manager = signed("pm", usual(Role.PROJECT_MANAGER), worked["mia"])
    assert [line[0] for line in table(manager)] == ["One"]
    assert "agree in 80%" in text_of(manager)
