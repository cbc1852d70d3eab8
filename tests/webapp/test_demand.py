"""Demand against capacity by role: what is free and what is missing, for whom may know it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.model.people import Allocation, Person
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor

Open = Callable[[], AbstractContextManager[Rows]]
HOUR = 3600
MARCH = {"created": date(2026, 1, 5), "start": date(2026, 3, 9), "due": date(2026, 3, 13)}


@pytest.fixture
def roles(rows: Open) -> dict[str, int]:
    """Five testers with time, one writer with too much, and designers that nobody is: of one project, Mia's; and a
    tester's work of another."""
    with rows() as add:
        jira, mia = add.connection(), add.person("Mia")
        one, two = add.project("One", jira, manager_id=mia), add.project("Two", jira)
        testers = [add.add(Person, name=f"Tess {number}", active=True, role="Tester") for number in range(5)]
        writer = add.add(Person, name="Ned", active=True, role="<i>Writer")
        add.item(one, jira, **MARCH, assignee_id=writer, remaining_s=200 * HOUR)
        add.item(one, jira, **MARCH, assignee_id=testers[0], remaining_s=10 * HOUR)
        for project, percent, kind in ((one, 50, "hard"), (two, 100, "hard"), (one, 25, "soft")):
            told = {"start": date(2026, 3, 9), "end": date(2026, 3, 13), "kind": kind}
            add.add(Allocation, placeholder="Designer", project_id=project, percent=percent, **told)
    return {"mia": mia, "one": one, "two": two}


def lines(visitor: Visitor, path: str) -> dict[str, list[str]]:
    """The first period of each role."""
    body = visitor.get(path).text.lstrip("\ufeff")
    found: dict[str, list[str]] = {}
    for role, *line in list(csv.reader(io.StringIO(body)))[1:]:
        found.setdefault(role, line)
    return found


def test_what_is_missing_stands_first(signed: Signed, roles: dict[str, int]) -> None:
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    page = re.sub(r"\s+", " ", manager.text("/resources/demand"))
    assert "2 roles of 4 are short of hours in some month up to Mon 2026-08-31." in page
    assert "Most: <bdi>Designer</bdi>, 60 h in one month." in page
    assert "&lt;i&gt;Writer" in page
    found = lines(manager, "/resources/demand.csv?columns=month&number=2")
    assert list(found) == ["Designer", "<i>Writer", "Not known", "Tester"]
    assert found["Designer"] == ["0", "2026-03-02", "0.0", "0.0", "60.0", "-60.0", "10.0"]
    # 22 days of 6.4 h.
    assert found["Tester"] == ["5", "2026-03-02", "704.0", "10.0", "0.0", "694.0", "0.0"]
    assert manager.get("/resources/demand.xlsx").status_code == 200
    chosen = manager.text("/resources/demand?role=Tester")
    assert '<h2 id="one-role"><bdi>Tester</bdi></h2>' in chosen


def test_the_picture_is_of_the_role_that_was_asked_for(signed: Signed, roles: dict[str, int]) -> None:
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    drawn = {role: manager.get(f"/resources/demand.svg?role={role}").text for role in ("", "Tester", "Designer")}
    assert all(text.startswith("<svg") for text in drawn.values())
    assert len(set(drawn.values())) == 3


def test_an_executive_sees_no_role_of_few_persons(signed: Signed, roles: dict[str, int], rows: Open) -> None:
    executive = signed("exec", usual(Role.EXECUTIVE), None)
    # All together are shown: of two groups, the small one would be the rest of it.
    few = "fewer than 5 persons: not shown"
    found = lines(executive, "/resources/demand.csv")
    assert {role: line[1] for role, line in found.items() if line[1] != "2026-03-02"} == dict.fromkeys(
        ("<i>Writer", "Not known", "Tester"), few
    )
    with rows() as add:
        for number in range(5):
            add.add(Person, name=f"Eve {number}", active=True, role="Engineer")
            add.add(Person, name=f"Tim {number}", active=True, role="Tester")
    found = lines(executive, "/resources/demand.csv")
    assert "not shown" in found["<i>Writer"][1]
    assert found["Tester"][2] == "1408.0"
    assert "Ned" not in executive.text("/resources/demand")


def test_who_cannot_work_makes_no_role_large_enough(signed: Signed, roles: dict[str, int], rows: Open) -> None:
    with rows() as add:
        for number in range(5):
            add.add(Person, name=f"Eve {number}", active=True, role="Engineer")
        gone = [add.add(Person, name=f"Gone {number}", active=False, role="Cook") for number in range(5)]
        add.add(Person, name="Ned", active=True, role="Cook")
        for person in gone:
            add.item(roles["one"], 1, **MARCH, assignee_id=person, remaining_s=HOUR)
    executive = signed("exec", usual(Role.EXECUTIVE), None)
    few = "fewer than 5 persons: not shown"
    assert lines(executive, "/resources/demand.csv")["Cook"][:2] == ["1", few]
    assert lines(executive, "/resources.csv")["Cook"] == ["1", *[""] * 6, few]


def test_a_project_manager_sees_what_is_nobodys_in_their_projects(signed: Signed, roles: dict[str, int]) -> None:
    manager = signed("pm", usual(Role.PROJECT_MANAGER), roles["mia"])
    found = lines(manager, "/resources/demand.csv")
    assert found["Designer"][4] == "20.0"
    assert (found["Tester"][0], "Not known" in found) == ("1", False)
