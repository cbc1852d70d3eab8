"""Readings, colours and percentiles: the pure parts."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.figures.scopes import sum_over_sum
from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.declare import Unit, kpi
from portfolio.kpis.percentile import nearest_rank
from portfolio.kpis.rag import DIMENSIONS, OVERALL, SCHEDULE, distribution, project_colours
from portfolio.kpis.reading import Rag, Reading, Reason, nothing, ratio
from portfolio.kpis.thresholds import Direction, Thresholds

HIGHER = Thresholds(Direction.HIGHER, ".95", ".85")
LOWER = Thresholds(Direction.LOWER, ".05", ".15")


@pytest.mark.parametrize(
    ("thresholds", "value", "rag"),
    [
        (HIGHER, Fraction(95, 100), Rag.GREEN),
        (HIGHER, Fraction(94999999, 100000000), Rag.AMBER),
        (HIGHER, Fraction(85, 100), Rag.AMBER),
        (HIGHER, Fraction(84999, 100000), Rag.RED),
        (LOWER, Fraction(5, 100), Rag.GREEN),
        (LOWER, Fraction(1, 19), Rag.AMBER),
        (LOWER, Fraction(15, 100), Rag.AMBER),
        (LOWER, Fraction(3, 19), Rag.RED),
        (LOWER, None, Rag.GREY),
    ],
)
def test_a_limit_itself_is_met_and_nothing_is_rounded_before(
    thresholds: Thresholds, value: Fraction | None, rag: Rag
) -> None:
    assert thresholds.rag(value) is rag


def test_no_value_without_a_reason_and_never_a_colour() -> None:
    with pytest.raises(ValueError, match="has a reason and is grey"):
        Reading(None)
    with pytest.raises(ValueError, match="has a reason and is grey"):
        Reading(None, reason=Reason.NO_DATA, rag=Rag.GREEN)
    assert ratio(3, 0) == nothing(Reason.ZERO_DENOM)
    assert all(reason.words for reason in Reason)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=60), st.integers(1, 100))
def test_a_percentile_is_the_value_at_its_rank(values: list[int], percent: int) -> None:
    counted = [(value, values.count(value)) for value in set(values)]
    assert nearest_rank(counted, percent) == sorted(values)[-(-percent * len(values) // 100) - 1]


def test_nothing_has_no_percentile() -> None:
    assert nearest_rank([], 85) is None


pairs = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500)), min_size=1, max_size=8)


@given(pairs)
def test_ratios_roll_up_as_sum_over_sum(children: list[tuple[int, int]]) -> None:
    together = sum_over_sum([ratio(over, under) for over, under in children], None)
    assert together.value == Fraction(sum(over for over, _ in children), sum(under for _, under in children))
    assert together.n == sum(under for _, under in children)


@given(pairs, st.integers(1, 7))
def test_it_does_not_matter_how_projects_are_grouped_on_the_way_up(children: list[tuple[int, int]], cut: int) -> None:
    readings = [ratio(over, under) for over, under in children]
    groups = [group for group in (readings[:cut], readings[cut:]) if group]
    assert sum_over_sum([sum_over_sum(group, None) for group in groups], None) == sum_over_sum(readings, None)


def _colours(spi: Rag, overdue: Rag, milestones: Rag) -> Rag:
    def reading(rag: Rag) -> Reading:
        return nothing(Reason.NO_DATA) if rag is Rag.GREY else Reading(Fraction(1), rag=rag)

    colours = project_colours({"SCH-01": reading(spi), "SCH-09": reading(overdue), "SCH-07": reading(milestones)})
    assert colours[OVERALL] == colours[SCHEDULE]
    assert all(colours[dimension].rag is Rag.GREY for dimension in DIMENSIONS if dimension != SCHEDULE)
    return colours[OVERALL].rag


G, A, R, X = Rag.GREEN, Rag.AMBER, Rag.RED, Rag.GREY


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ((G, G, G), G),
        ((G, A, G), G),
        ((G, A, A), A),
        ((A, G, A), A),
        ((R, G, G), R),
        ((G, R, G), A),
        ((G, R, R), R),
        ((X, R, R), R),
        ((X, G, G), G),
        ((X, X, R), X),
        ((R, X, X), X),
        ((X, X, X), X),
        ((R, A, X), R),
    ],
)
def test_the_colour_of_a_project(readings: tuple[Rag, Rag, Rag], expected: Rag) -> None:
    assert _colours(*readings) is expected


def test_a_scope_has_a_distribution_of_colours_and_none_of_its_own() -> None:
    readings = distribution([R, G, G, X])
    assert readings["RAG-GREEN"].value == Fraction(1, 2)
    assert readings["RAG-RED"].numerator == 1
    assert readings["RAG-AMBER"].value == 0
    assert readings["RAG-GREY"].rag is Rag.GREY
    assert (readings[OVERALL].value, readings[OVERALL].rag) == (None, Rag.GREY)
    assert readings[OVERALL].coverage == Fraction(3, 4)
    assert {reading.reason for reading in distribution([]).values()} == {Reason.NOT_APPLICABLE, Reason.NO_DATA}


@pytest.mark.parametrize("declared", KPIS.values(), ids=lambda declared: declared.id)
def test_every_kpi_says_what_it_is(declared: object) -> None:
    kpi_ = declared
    assert isinstance(kpi_, type(next(iter(KPIS.values()))))
    assert len(kpi_.words) > 60
    assert kpi_.name
    assert kpi_.source
    assert kpi_.unit in Unit


def test_a_kpi_without_words_or_declared_twice_is_refused() -> None:
    declare = kpi("X-1", name="x", unit=Unit.RATIO, direction=Direction.HIGHER, source="none")
    with pytest.raises(TypeError, match="docstring"):
        declare(lambda _facts, _day: nothing(Reason.NO_DATA))
    again = kpi("SCH-09", name="x", unit=Unit.RATIO, direction=Direction.HIGHER, source="none")
    with pytest.raises(TypeError, match="declared twice"):
        again(KPIS["SCH-09"].formula)
