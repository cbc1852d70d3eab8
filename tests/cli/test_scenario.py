"""Scenarios at the command line: what they would change, and that nothing is."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from portfolio.model.people import Person
from portfolio.store.engine import open_engine, writing
from tests.cli.conftest import Sightline
from tests.webapp.builders import Rows

HOUR = 3600
TODAY = datetime.now(UTC).date()
MONDAY = TODAY + timedelta(days=7 - TODAY.weekday())


@pytest.fixture
def company(prepared: Sightline, tmp_path: Path) -> Path:
    """Ada has 40 h of ALPHA next week, Ben nothing."""
    file = next(tmp_path.rglob("*.db"))
    engine = open_engine(f"sqlite:///{file}")
    with writing(engine) as store:
        add = Rows(store)
        jira = add.connection()
        alpha = add.project("One", jira, code="ALPHA")
        ada, _ = (add.add(Person, name=name, active=True, role="Tester") for name in ("Ada", "Ben"))
        days = {"start": MONDAY, "due": MONDAY + timedelta(days=4)}
        add.item(alpha, jira, created=TODAY, **days, key="AL-1", assignee_id=ada, remaining_s=40 * HOUR)
    engine.dispose()
    return file


def _dump(file: Path) -> list[str]:
    with sqlite3.connect(file) as database:
        return list(database.iterdump())


def test_what_a_file_would_change_and_nothing_is(prepared: Sightline, company: Path, tmp_path: Path) -> None:
    (tmp_path / "if.toml").write_text('[[operations]]\nop = "reassign"\nitem = "AL-1"\npersons = ["Ben"]\n')
    was = _dump(company)
    told = prepared("scenario", "run", "if.toml", "--weeks", "2", "--json")
    assert told.code == 0, told.err
    ben, ada = told.document["persons"]
    assert (ada["name"], ben["name"]) == ("Ada", "Ben")
    assert sum(week["hard"] for week in ada["before"]) == sum(week["hard"] for week in ben["after"]) == 40
    assert told.document["weeks_over"] == {"before": 1, "after": 1}
    later = (MONDAY + timedelta(days=8)).isoformat()
    moved = f'[{{"op": "set_due", "item": "AL-1", "day": "{later}"}}, {{"op": "drop_project", "project": "NONE"}}]'
    shown = prepared("scenario", "run", "-", "--weeks", "3", stdin=moved)
    assert shown.code == 3
    assert "125%! > " in shown.out
    assert f"{MONDAY + timedelta(days=4)} > {later}" in " ".join(shown.out.split())
    assert "left out: operation 2: No project NONE" in shown.err
    after = _dump(company)
    looked = [line for line in after if line not in was]
    assert [line for line in after if line not in looked] == was
    assert len(looked) == 1  # two runs within the hour
    assert "'people.viewed','list',NULL,NULL,'{\"persons\":[1,2],\"what\":\"scenarios\"}'" in looked[0]


def test_what_is_wrong_with_a_file_is_told_by_operation(prepared: Sightline, company: Path, tmp_path: Path) -> None:
    wrong = '[{"op": "scale_effort", "item": "AL-1", "factor": 0}, {"op": "explode"}]'
    refused = prepared("scenario", "run", "-", stdin=wrong)
    assert refused.code == 1
    assert "at most 10" in refused.out
    assert "explode" in refused.out
    assert "Mend what is named above" in refused.err
    assert "there is no file" in prepared("scenario", "run", "none.json").err
    (tmp_path / "odd.json").write_bytes(b"\xff\xfe[]")
    assert "UTF-8" in prepared("scenario", "run", "odd.json").err
    assert "larger than" in prepared("scenario", "run", "-", stdin="[" + " " * 1_000_001).err
    assert date.fromisoformat(prepared("scenario", "run", "-", "--json", stdin="[]").document["as_of"]) <= TODAY


def test_when_a_new_project_could_begin(prepared: Sightline, company: Path) -> None:
    asked = '{"weeks": 2, "roles": {"Tester": 100}}'
    told = prepared("scenario", "start", "-", "--json", stdin=asked)
    assert told.code == 0, told.err
    # Both testers have 64 h a week, and next week 40 h to do: of two weeks with that one in them 88 h are left,
    # whether today is the Monday before or another day.
    assert told.document["firm"]["day"] == (MONDAY + timedelta(days=7)).isoformat()
    assert told.document["firm"]["bottleneck"] == "Tester"
    shown = prepared("scenario", "start", "-", stdin=asked)
    assert "beside firm work and bookings, until then Tester lacks hours" in shown.out
    refused = prepared("scenario", "start", "-", stdin='{"weeks": 1, "roles": {"Cook": 40}}')
    assert refused.code == 1
    assert "Nobody in sight is in the role Cook" in refused.err


def test_a_scenario_that_is_kept_is_listed_and_can_be_run(prepared: Sightline, company: Path) -> None:
    assert "None is kept" in prepared("scenario", "list").out
    engine = open_engine(f"sqlite:///{company}")
    with writing(engine) as store:
        operations = '[{"op": "delay_project", "project": "ALPHA", "workdays": 5}]'
        ident = Rows(store).scenario(1, "Later", datetime.now(UTC), operations)
    engine.dispose()
    (listed,) = prepared("scenario", "list", "--json").document
    assert (listed["name"], listed["owner"], listed["operations"]) == ("Later", "admin", 1)
    assert "Later" in prepared("scenario", "list").out
    shown = prepared("scenario", "show", str(ident))
    assert shown.document == [{"op": "delay_project", "project": "ALPHA", "workdays": 5}]
    run = prepared("scenario", "run", "-", "--json", stdin=shown.out)
    assert [it["days_later"] for it in run.document["projects"]] == [7]
    assert prepared("scenario", "show", "987").code == 1
