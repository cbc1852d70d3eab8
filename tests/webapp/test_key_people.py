"""Projects that hang on few persons: named to who sees persons there, counted for who sees figures."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from sqlalchemy import select, update

from portfolio.access.grants import usual
from portfolio.access.roles import Grant, Role, Scope, ScopeType
from portfolio.model.people import Person
from portfolio.model.structure import Project
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor

Open = Callable[[], AbstractContextManager[Rows]]
DONE = date(2026, 2, 10)


@pytest.fixture
def known(rows: Open) -> dict[str, int]:
    """One hangs on Ann, Two on Ann and Ben, Three on nobody: there each of three did a third of each epic."""
    with rows() as add:
        jira, mia = add.connection(), add.person("Mia")
        people = [add.person(name) for name in ("Ann", "Ben", "Cy")]
        told = {"created": date(2026, 1, 5)}
        of_project = {
            "One": [[0]] * 4 + [[1]], "Two": [[0], [0], [1], [1], [2]], "Three": [[0, 1, 2]] * 5, "Few": [[0]],
        }  # fmt: skip
        projects = {}
        for name, epics in of_project.items():
            projects[name] = add.project(name, jira, manager_id=mia if name == "Two" else None)
            for whom in epics:
                epic = add.item(projects[name], jira, **told, kind="epic", is_leaf=False)
                for who in whom:
                    add.item(
                        projects[name], jira, **told, started=date(2026, 2, 1), finished_on=DONE, parent_id=epic,
                        assignee_id=people[who],
                    )  # fmt: skip
    return {"mia": mia, **projects}


def table(visitor: Visitor) -> list[list[str]]:
    return list(csv.reader(io.StringIO(visitor.get("/resources/key-people.csv").text)))[1:]


def test_projects_that_hang_on_few_with_on_whom(signed: Signed, known: dict[str, int]) -> None:
    lead = signed("pmo", usual(Role.PMO_LEAD), None)
    page = re.sub(r"\s+", " ", lead.text("/resources/key-people"))
    assert "2 projects hang on one or two persons, 1 of them on a single one." in page
    assert f'/projects/{known["One"]}/kpis/RES-06"' in page
    assert table(lead) == [
        ["One", "1", "5", "5", "Ann", "0.8"],
        ["Two", "2", "5", "5", "Ann", "0.4"],
        ["Two", "2", "5", "5", "Ben", "0.4"],
    ]
    assert lead.get("/resources/key-people.xlsx").status_code == 200


def test_names_are_for_who_sees_persons_there(signed: Signed, known: dict[str, int]) -> None:
    assert table(signed("exec", usual(Role.EXECUTIVE), None)) == [
        ["One", "1", "5", "5", "", ""], ["Two", "2", "5", "5", "", ""],
    ]  # fmt: skip
    assert {line[0] for line in table(signed("pm", usual(Role.PROJECT_MANAGER), known["mia"]))} == {"Two"}


def test_a_resource_manager_sees_by_name_whose_load_they_see(signed: Signed, known: dict[str, int], rows: Open) -> None:
    with rows() as add:
        add.db.execute(update(Project).where(Project.id.in_([known["Two"], known["Three"]])).values(segment="South"))
        ben = add.db.scalar(select(Person.id).where(Person.name == "Ben"))
        add.item(known["Two"], 1, created=date(2026, 1, 5), assignee_id=ben, remaining_s=3600, due=date(2026, 3, 6))
    over_all = signed("res", usual(Role.RESOURCE_MANAGER), None)
    assert [(line[0], line[4]) for line in table(over_all)] == [("One", "Ann"), ("Two", "Ann"), ("Two", "Ben")]
    south = frozenset({Grant(Role.RESOURCE_MANAGER, Scope(ScopeType.SEGMENT, segment="South"))})
    manager = signed("south", south, None)
    assert table(manager) == [["Two", "2", "5", "5", "", "0.4"], ["Two", "2", "5", "5", "Ben", "0.4"]]
    page = manager.text("/resources/key-people")
    assert "somebody whose load you do not see" in page
    assert "Ann" not in page
    assert "/kpis/RES-06" not in page  # its figures are not theirs to see
    both = signed("both", south | usual(Role.PROJECT_MANAGER), known["mia"])
    assert [line[4] for line in table(both)] == ["Ann", "Ben"]  # as who manages it
    nowhere = frozenset({Grant(Role.RESOURCE_MANAGER, Scope(ScopeType.SEGMENT, segment="North"))})
    assert table(signed("north", nowhere, None)) == []
