"""The bench: who is free, by role and skill, for whom may know it."""

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
from portfolio.model.resources import PersonSkill
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor

Open = Callable[[], AbstractContextManager[Rows]]


@pytest.fixture
def crew(rows: Open) -> dict[str, int]:
    """Ann is fully booked for Mia's project up to 5 June; Ben can weave and has nothing to do."""
    with rows() as add:
        jira, mia = add.connection(), add.person("Mia")
        ann, ben = (add.add(Person, name=name, active=True, role="Tester") for name in ("Ann", "Ben"))
        one = add.project("One", jira, manager_id=mia)
        told = {"start": date(2026, 3, 2), "end": date(2026, 6, 5), "kind": "hard"}
        add.add(Allocation, person_id=ann, project_id=one, percent=100, **told)
        add.row(PersonSkill, person_id=ben, skill="<b>Weaving", valid_from=date(2026, 1, 1), level=3)
    return {"mia": mia}


def names(visitor: Visitor, query: str = "") -> list[str]:
    return [line[0] for line in csv.reader(io.StringIO(visitor.get(f"/resources/bench.csv{query}").text))][1:]


def test_who_is_free_and_whose_work_ends(signed: Signed, crew: dict[str, int]) -> None:
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    page = re.sub(r"\s+", " ", manager.text("/resources/bench"))
    assert "2 of 3 persons have little to do for four weeks or more up to Sun 2026-05-31." in page
    free, ending = page.split('id="ending"')
    assert "<bdi>Ben</bdi>" in free
    assert "&lt;b&gt;Weaving</bdi> 3" in free
    assert re.search(r"<bdi>Ann</bdi>.*Fri 2026-06-05", ending)
    assert "<bdi>Ben</bdi>" not in ending
    lines = {line[0]: line for line in csv.reader(io.StringIO(manager.get("/resources/bench.csv").text))}
    assert lines["Ben"][1:] == ["Tester", "<b>Weaving 3", "2026-03-02", "2026-05-31", "13", "416.0", ""]
    assert lines["Ann"][3:] == ["", "", "", "", "2026-06-05"]
    assert manager.get("/resources/bench.xlsx").status_code == 200


def test_a_role_and_a_skill_narrow_it(signed: Signed, crew: dict[str, int]) -> None:
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    assert names(manager) == ["Ann", "Ben", "Mia"]
    assert names(manager, "?role=Tester") == ["Ann", "Ben"]
    assert names(manager, "?skill=%3Cb%3EWeaving") == ["Ben"]


def test_a_project_manager_sees_those_of_their_projects(signed: Signed, crew: dict[str, int]) -> None:
    assert names(signed("pm", usual(Role.PROJECT_MANAGER), crew["mia"])) == ["Ann"]
