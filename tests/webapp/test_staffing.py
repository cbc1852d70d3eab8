"""Who works on what: a person is one row, and projects out of sight are one column."""

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
from webapp.pages.staffing import MOST_COLUMNS

Open = Callable[[], AbstractContextManager[Rows]]
HOUR = 3600


@pytest.fixture
def staffed(rows: Open) -> dict[str, int]:
    """Ann works on one project of Mia's and on as many more as have no column of their own; Ben is only proposed."""
    with rows() as add:
        jira, mia = add.connection(), add.person("Mia")
        ann, ben = (add.add(Person, name=name, active=True, role="<b>Tester") for name in ("Ann", "Ben"))
        one = add.project("One", jira, manager_id=mia)
        for number in range(MOST_COLUMNS + 1):
            project = one if not number else add.project(f"More {number}", jira)
            told = {"created": date(2026, 1, 5), "due": date(2026, 3, 6)}
            add.item(project, jira, **told, assignee_id=ann, remaining_s=(30 - number) * HOUR)
        told = {"start": date(2026, 3, 9), "end": date(2026, 3, 13), "kind": "soft"}
        add.add(Allocation, person_id=ben, project_id=one, total_hours=12, **told)
    return {"mia": mia, "one": one}


def body(visitor: Visitor) -> list[str]:
    page = re.sub(r"\s+", " ", visitor.text("/resources/by-project?number=2"))
    return [re.sub(r"(<[^>]*>|\s)+", " ", row).strip() for row in re.findall(r"<tr>(.*?)</tr>", page)]


def test_rows_and_columns_add_up(signed: Signed, staffed: dict[str, int]) -> None:
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    head, ann, ben, foot = body(manager)
    assert head.startswith("Person Projects now, most Lost estimate All h One More 1 More 2")
    assert head.endswith("1 further project")
    # 30 + 29 + ... + 10 hours, among 21 projects.
    assert ann.startswith("Ann &lt;b&gt;Tester 21, 21 100% 420 30 29")
    assert ben == "Ben &lt;b&gt;Tester 0, 0 +12 +12"
    assert foot.startswith("All 2 persons 420 +12 30 +12 29")
    assert foot.endswith(" 11 10")


def test_projects_out_of_sight_are_one_column(signed: Signed, staffed: dict[str, int]) -> None:
    manager = signed("pm", usual(Role.PROJECT_MANAGER), staffed["mia"])
    head, ann, _, foot = body(manager)
    assert head.endswith("All h One Other projects")
    assert ann.endswith("420 30 390")
    assert foot.endswith("420 +12 30 +12 390")
    assert "More 1" not in manager.text("/resources/by-project")
    lines = list(csv.reader(io.StringIO(manager.get("/resources/by-project.csv?number=2").text)))
    assert lines[1:] == [
        ["Ann", "<b>Tester", "One", "30.0", "0.0", "21", "21"],
        ["Ann", "<b>Tester", "Other projects", "390.0", "0.0", "21", "21"],
        ["Ben", "<b>Tester", "One", "0.0", "12.0", "0", "0"],
    ]
    assert manager.get("/resources/by-project.xlsx").status_code == 200


def test_nobody_is_named_to_who_sees_groups(signed: Signed, staffed: dict[str, int]) -> None:
    assert signed("exec", usual(Role.EXECUTIVE), None).get("/resources/by-project").status_code == 403
