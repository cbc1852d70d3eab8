"""The score of projects, the ranking of teams and the ladder, as worked out by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from portfolio.calendar import WorkCalendar
from portfolio.governance.rules import Severity
from portfolio.governance.score import (
    COMPONENTS,
    LADDER,
    LEAST_RULES,
    WEIGHTS,
    Score,
    Weighed,
    audit_of,
    composite,
    level_of,
    ranking,
    score,
)
from tests.portfolio.conftest import Oracle


def _results(given: dict[str, Any], project: str) -> list[Weighed]:
    weighed = []
    for code, severity in given["rules"].items():
        outcome, _, until = given["results"][project][code].partition(":")
        if outcome == "waived" and until < given["as_of"]:
            outcome = "fail"
        weighed.append(Weighed(Severity(severity), outcome))
    return weighed


def test_the_worked_example(oracle: Oracle) -> None:
    example = oracle("o4_governance")
    given, expected = example["input"], example["expected"]
    assert given["weights"] == WEIGHTS
    assert given["min_applicable_for_rank"] == LEAST_RULES
    assert [tuple(step) for step in given["escalation"]["ladder"]] == list(LADDER)
    teams: dict[str, list[Score]] = {}
    for project, results in given["results"].items():
        found = score(_results(given, project))
        assert found.raw is not None
        assert found.value is not None
        assert float(found.raw) == pytest.approx(expected["project_raw"][project], abs=1e-6)
        assert float(found.value) == pytest.approx(expected["project_score"][project], abs=1e-6)
        assert found.grade == expected["grade"][project]
        assert found.applicable == expected["applicable_weight"][project]
        teams.setdefault(results["team"], []).append(found)
    audit = {team: audit_of(scores) for team, scores in teams.items()}
    ranked, unranked = ranking(audit)
    assert [team for _, team in ranked] == expected["audit_rank"]
    assert list(unranked) == expected["unranked"]
    together = {}
    for team, value in expected["team_audit"].items():
        own = audit[team]
        assert own is not None
        assert float(own) == pytest.approx(value, abs=1e-6)
        parts = {name: None if part is None else Fraction(part) for name, part in given["components"][team].items()}
        together[team] = composite({"audit": own} | parts)
        assert float(together[team] or 0) == pytest.approx(expected["team_composite"][team], abs=1e-6)
    assert [team for _, team in ranking(together)[0]] == expected["composite_rank"]
    assert {name: float(weight) for name, weight in COMPONENTS.items()} == given["components"]["weights"]
    steps = given["escalation"]
    calendar = WorkCalendar(holidays=frozenset(map(date.fromisoformat, steps["holidays"])))
    level, days = level_of(date.fromisoformat(steps["breach_date"]), date.fromisoformat(given["as_of"]), calendar)
    assert {"workdays": days, "level": level} == expected["escalation"]


def test_nothing_applicable_has_no_score_and_no_grade() -> None:
    empty = score([Weighed(Severity.CRITICAL, "na"), Weighed(Severity.LOW, "error"), Weighed(Severity.LOW, "waived")])
    assert (empty.value, empty.grade, empty.ranked) == (None, None, False)
    assert composite({"audit": None}) is None
    assert audit_of([empty]) is None


def test_a_failure_in_its_days_of_grace_does_not_count() -> None:
    fails = Weighed(Severity.CRITICAL, "fail", in_grace=True)
    assert score([fails, Weighed(Severity.LOW, "pass")]).value == 100
    assert score([fails._replace(in_grace=False), Weighed(Severity.LOW, "pass", rules=80)]).value == 59


def test_equal_teams_share_a_rank_and_none_is_left_out() -> None:
    teams = {"a": Fraction(80), "b": Fraction(90), "c": Fraction(80), "d": Fraction(70), "e": None}
    assert ranking(teams) == ([(1, "b"), (2, "a"), (2, "c"), (3, "d")], ["e"])
