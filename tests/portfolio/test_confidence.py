"""Grades of readings: each limit from both sides, and who speaks for a scope."""

from __future__ import annotations

from fractions import Fraction

import pytest

from portfolio.facts.gather import ProjectFacts
from portfolio.kpis.confidence import as_fresh, grade, of_project, together
from portfolio.kpis.reading import Reading, Reason, nothing


@pytest.mark.parametrize(("percent", "found"), [(100, "A"), (90, "A"), (89, "B"), (70, "B"), (69, "C"), (49, "D")])
def test_the_less_is_covered_the_less_it_is_sure(percent: int, found: str) -> None:
    assert grade(Reading(Fraction(1), coverage=Fraction(percent, 100))) == found
    assert grade(Reading(Fraction(1), coverage=Fraction(percent, 100)), "D") == "D"


def test_without_a_value_there_is_no_grade_and_without_coverage_the_best() -> None:
    assert grade(nothing(Reason.NO_DATA)) is None
    assert grade(Reading(Fraction(1)), "B") == "B"


@pytest.mark.parametrize(
    ("unmapped", "assumed", "found"),
    [(0, 0, "A"), (1, 5, "A"), (2, 0, "B"), (0, 6, "B"), (6, 0, "C"), (0, 21, "C"), (21, 0, "D"), (0, 51, "D")],
)
def test_what_nobody_mapped_and_what_is_assumed_lower_all_of_a_project(unmapped: int, assumed: int, found: str) -> None:
    numbers = {"items": 90, "cancelled_items": 10, "work": 100, "work_without_history": assumed}
    assert of_project(ProjectFacts(numbers=numbers, unmapped=unmapped)) == found
    assert of_project(ProjectFacts()) == "A"


def test_a_small_project_does_not_speak_for_all() -> None:
    assert together([("A", 95), ("D", 5)]) == "A"
    assert together([("A", 90), ("D", 10)]) == "D"
    assert together([("A", 90), ("C", 6), ("D", 5)]) == "C"
    assert together([(None, 90), ("B", 0)]) == "B"
    assert together([]) == "A"


def test_old_data_is_less_sure_while_it_is_old() -> None:
    assert as_fresh("A", 10.0, "green", known=True) == "A"
    assert as_fresh("A", 500.0, "red", known=True) == "C"
    assert as_fresh("D", 500.0, "red", known=True) == "D"
    assert as_fresh("A", None, "grey", known=True) == "D"
    assert as_fresh("A", None, "", known=False) == "A"
    assert as_fresh(None, None, "grey", known=True) is None
