"""The worked example of data completeness as it would stand in a tracker, synced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from portfolio.facts.gather import day_of, gather
from portfolio.figures.own import project_readings
from portfolio.store.engine import reading
from sync.mapping.document import FieldRule, Rules
from tests.portfolio.conftest import Oracle
from tests.portfolio.earned_example import EXACT
from tests.portfolio.lived import BUG, EPIC, NAME, PROBABILITY, RISK, SEVERITY, STORY, Lived, noon
from tests.sync.builders import all_say

MEANT = Rules(
    fields={
        "severity": (FieldRule(field="Severity"),),
        "probability": (FieldRule(field="Probability", unit="percent"),),
    }
)
KINDS = {"story": STORY, "bug": BUG, "risk": RISK}
# What stands in the tracker where the example says that a field is filled. The owner of a risk is its assignee.
FILLED: dict[str, dict[str, Any]] = {
    "assignee": {"assignee": "ada"},
    "owner": {"assignee": "ada"},
    "estimate": {"timeoriginalestimate": 3600},
    "due": {"duedate": "2026-04-01"},
    "severity": {SEVERITY: {"id": "1", "value": "High"}},
    "probability": {PROBABILITY: 40},
}


@pytest.fixture
def lived(engine: Engine, oracle: Oracle) -> Iterator[Lived]:
    given = oracle("o4_governance")["input"]
    made = Lived(engine, noon(given["as_of"]), ["ada"], {"1": "ALPHA"})
    all_say(engine, MEANT, NAME)
    created = made.now - timedelta(days=1)
    epic = made.create("1", EPIC, "Above", created)
    for item in given["items"]:
        issue = made.create("1", KINDS[item["kind"]], item["key"], created)
        for field in item["filled"]:
            told = FILLED.get(field) or {"parent": {"id": epic.id, "key": epic.key}}
            made.edit(issue, made.now, **told)
    made.sync()
    yield made
    made.simulator.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_worked_example_through_a_tracker(lived: Lived, oracle: Oracle) -> None:
    expected = oracle("o4_governance")["expected"]
    with reading(lived.engine) as store:
        day = day_of(store, lived.now.date(), lived.now)
        [facts] = gather(store, day).values()
    readings = project_readings(facts, day)
    assert float(readings["DQ-01"].value or 0) == pytest.approx(expected["completeness"], abs=EXACT)
    assert float(readings["DQ-02"].value or 0) == pytest.approx(expected["items_fully_complete"], abs=EXACT)
    assert [readings["DQ-01"].numerator, readings["DQ-01"].denominator, readings["DQ-02"].numerator] == [12, 18, 2]
