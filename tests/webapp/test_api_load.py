"""Load for programs: the rows of the page, with the same sight."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import Engine

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.model.people import Person
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.programs import program

Open = Callable[[], AbstractContextManager[Rows]]
NAMED, GROUPED = "allocations.view", "allocations.grouped"


@pytest.fixture
def ann(rows: Open) -> int:
    with rows() as add:
        jira = add.connection()
        ann = add.add(Person, name="Ann", active=True, role="Tester")
        told = {"created": date(2026, 1, 5), "due": date(2026, 3, 6), "assignee_id": ann}
        add.item(add.project("One", jira), jira, **told, remaining_s=40 * 3600)
        add.item(add.project("Two", jira), jira, **told)
    return ann


def test_load_by_person_and_month(app: Flask, engine: Engine, clock: Clock, ann: int) -> None:
    robot = program(app, engine, clock(), NAMED, grants=usual(Role.RESOURCE_MANAGER))
    found = robot.ask("/load?number=2").json
    assert found["from"] == ["2026-03-02", "2026-03-09"]
    assert (found["by"], found["columns"], found["last"], found["total"]) == ("person", "week", "2026-03-15", 1)
    [row] = found["rows"]
    assert (row["name"], row["person_id"], row["nobody"]) == ("Ann", ann, False)
    week = {"capacity": 32, "hard": 40, "soft": 0, "over": 8, "over_days": 5, "load": 1.25, "level": "over"}
    assert row["cells"][0] == week
    assert found["in_no_load"]["no_estimate"] == {"items": 1, "hours": 0}
    months = robot.ask("/load?by=role&columns=month&number=12").json
    assert len(months["from"]) == len(months["rows"][0]["cells"]) == 12
    assert robot.ask("/load?offset=1").json["rows"] == []


def test_what_is_asked_amiss_is_told(app: Flask, engine: Engine, clock: Clock, ann: int) -> None:
    robot = program(app, engine, clock(), NAMED, grants=usual(Role.RESOURCE_MANAGER))
    for asked, remedy in (("columns=month&number=13", "1 to 12"), ("by=colour", "colour"), ("weeks=3", "weeks")):
        refused = robot.ask(f"/load?{asked}")
        assert refused.status_code == 400, asked
        assert remedy in refused.json["detail"]


def test_groups_only_for_who_sees_groups(app: Flask, engine: Engine, clock: Clock, ann: int) -> None:
    robot = program(app, engine, clock(), GROUPED, grants=usual(Role.EXECUTIVE))
    assert "role" in robot.ask("/load?by=person").json["detail"]
    found = robot.ask("/load").json
    assert [(row["name"], row["cells"]) for row in found["rows"]] == [("Tester", None)]
    assert "Ann" not in str(found)
