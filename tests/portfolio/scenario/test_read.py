"""Reading scenarios: strict, and each operation that is wrong is told by its number with what to do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portfolio.scenario.faults import ScenarioError
from portfolio.scenario.operations import AddAllocation, Reassign
from portfolio.scenario.read import MOST, read_json, read_operations, read_toml

BOOKING = {"op": "add_allocation", "project": "A", "from": "2026-03-02", "to": "2026-03-06", "kind": "soft"}
PERSON = {"op": "add_person", "role": "Tester", "from": "2026-03-02"}


def test_json_and_toml_say_the_same() -> None:
    booking = AddAllocation(
        project="A", first=date(2026, 3, 2), last=date(2026, 3, 6), kind="soft", role="QA", percent=50.0
    )
    moved = Reassign(item="K-1", persons=("Ada", 7))
    told = read_json(
        '{"operations": [{"op": "reassign", "item": "K-1", "persons": ["Ada", 7]}, {"op": "add_allocation",'
        '"project": "A", "from": "2026-03-02", "to": "2026-03-06", "kind": "soft", "role": "QA", "percent": 50}]}'
    )
    assert told == (moved, booking)
    assert told == read_toml(
        '[[operations]]\nop = "reassign"\nitem = "K-1"\npersons = ["Ada", 7]\n[[operations]]\nop = "add_allocation"\n'
        'project = "A"\nfrom = 2026-03-02\nto = "2026-03-06"\nkind = "soft"\nrole = "QA"\npercent = 50\n'
    )


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"op": "explode"}, "explode"),
        ({"op": "set_due", "item": "K-1", "day": "31.12.2026"}, "day"),
        ({"op": "set_due", "item": "K-1", "day": "2026-02-30"}, "day"),
        ({"op": "set_due", "item": "K-1", "day": "2026-03-02", "colour": "red"}, "colour"),
        ({"op": "reassign", "item": "K-1", "persons": []}, "one person at least"),
        ({"op": "scale_effort", "item": "K-1", "factor": 0}, "more than 0 and at most 10"),
        ({"op": "scale_effort", "item": "K-1", "factor": float("nan")}, "more than 0 and at most 10"),
        ({"op": "scale_effort", "item": "K-1", "factor": 400}, "at most 10"),
        ({"op": "scale_effort", "item": "K-1", "project": "A", "factor": 2}, "either an item or a project"),
        ({"op": "delay_project", "project": "A", "workdays": 0}, "1 at least"),
        (BOOKING | {"person": "Ada", "percent": 400}, "at most 100"),
        (BOOKING | {"person": "Ada", "hours_per_day": 25}, "at most 24"),
        (BOOKING | {"person": "Ada"}, "one of hours_per_day, percent and total_hours"),
        (BOOKING | {"person": "Ada", "percent": 50, "total_hours": 8}, "one of hours_per_day"),
        (BOOKING | {"person": "Ada", "role": "QA", "percent": 50}, "either a person or a role"),
        (BOOKING | {"person": "Ada", "percent": 50, "to": "2026-03-01"}, "before it begins"),
        (PERSON | {"fte": 3}, "at most 1"),
        (PERSON | {"until": "2026-03-01"}, "before it begins"),
        (PERSON | {"role": " "}, "Name a role"),
        ("reassign", "object"),
    ],
)
def test_what_is_wrong_is_told_by_number(raw: Any, says: str) -> None:
    fine = {"op": "drop_project", "project": "A"}
    with pytest.raises(ScenarioError, match="Operation 2: ") as told:
        read_operations([fine, raw])
    ((number, text),) = told.value.faults
    assert number == 2
    assert says in text


@pytest.mark.parametrize(
    ("content", "says"),
    [("{", "no JSON"), ("{}", "list of operations"), ('{"operations": [], "name": ""}', "list of operations"),
     ("[" + ",".join(["{}"] * (MOST + 1)) + "]", "too many")],
)  # fmt: skip
def test_what_is_no_scenario_at_all(content: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        read_json(content)
    with pytest.raises(ScenarioError, match="no TOML"):
        read_toml("[[")
