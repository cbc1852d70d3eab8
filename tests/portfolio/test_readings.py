"""Readings, colours and percentiles: the pure parts."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.facts.money import Money
from portfolio.figures.scopes import sum_over_sum
from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.declare import Unit, kpi
from portfolio.kpis.percentile import nearest_rank
from portfolio.kpis.rag import OVERALL, distribution, project_colours
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


G, A, R, X = Rag.GREEN, Rag.AMBER, Rag.RED, Rag.GREY


def _readings(**colours: Rag) -> dict[str, Reading]:
    """Readings of those KPIs with a colour each; the others have none."""
    given = {name.replace("_", "-"): rag for name, rag in colours.items()}
    return {
        kpi_id: nothing(Reason.NO_BASELINE) if rag is X else Reading(Fraction(1), rag=rag)
        for kpi_id, rag in given.items()
    }


@pytest.mark.parametrize(
    ("colours", "expected"),
    [
        ({"SCH_04": G, "QLT_03": G}, G),
        ({"SCH_04": G, "QLT_03": A}, G),
        ({"SCH_04": A, "QLT_03": A, "GOV_01": G}, A),
        ({"SCH_04": G, "QLT_03": R, "GOV_01": G}, A),
        ({"SCH_04": G, "QLT_03": R, "GOV_01": R}, R),
        ({"SCH_04": R, "GOV_01": G}, R),
        ({"CST_01": R, "GOV_01": G}, R),
        ({"SCP_01": R, "GOV_01": G}, R),
        ({"RSK_02": R, "GOV_01": G}, A),
        ({"SCH_04": R}, X),
        ({"SCH_04": R, "SCH_13": R}, X),
        ({"SCH_04": G, "SCH_13": R, "GOV_01": G}, R),
        ({"SCH_04": X, "SCH_13": A, "CST_01": X, "GOV_01": A}, A),
        ({}, X),
    ],
)
def test_the_colour_of_a_project(colours: dict[str, Rag], expected: Rag) -> None:
    assert project_colours(_readings(**colours))[OVERALL].rag is expected


def test_a_dimension_is_as_bad_as_the_worst_of_its_kpis_and_says_why_it_is_grey() -> None:
    colours = project_colours(_readings(SCH_04=G, SCH_13=A, CST_01=X, GOV_01=G))
    schedule, cost = colours["RAG-SCHEDULE"], colours["RAG-COST"]
    assert (schedule.rag, schedule.numerator, schedule.denominator) == (A, 1, 2)
    assert (cost.rag, cost.reason, colours["RAG-RISK"].reason) == (X, Reason.NO_BASELINE, Reason.NO_DATA)
    overall = colours[OVERALL]
    assert (overall.rag, overall.numerator, overall.denominator, overall.coverage) == (G, 1, 2, Fraction(1, 3))


def test_a_scope_has_a_distribution_of_colours_and_none_of_its_own() -> None:
    readings = distribution([R, G, G, X], None)
    assert readings["RAG-GREEN"].value == Fraction(1, 2)
    assert readings["RAG-RED"].numerator == 1
    assert readings["RAG-AMBER"].value == 0
    assert readings["RAG-GREY"].rag is Rag.GREY
    assert (readings[OVERALL].value, readings[OVERALL].rag) == (None, Rag.GREY)
    assert readings[OVERALL].coverage == Fraction(3, 4)
    assert {reading.reason for reading in distribution([], []).values()} == {Reason.NOT_APPLICABLE, Reason.NO_DATA}


def test_colours_are_distributed_by_budget_too() -> None:
    euros = [Money(Fraction(amount), "EUR") for amount in (300, 100)]
    readings = distribution([R, G, G, X], [euros[0], euros[1], None, None])
    red, amber = readings["RAG-BUDGET-RED"], readings["RAG-BUDGET-AMBER"]
    assert (red.value, red.numerator, red.currency, red.coverage) == (Fraction(3, 4), 300, "EUR", Fraction(1, 2))
    assert amber.value == 0
    mixed = distribution([R, G], [euros[0], Money(Fraction(1), "USD")])
    assert mixed["RAG-BUDGET-RED"].reason is Reason.CURRENCY_MIX
    assert distribution([R], [None])["RAG-BUDGET-RED"].reason is Reason.NO_DATA
    assert distribution([R], None)["RAG-BUDGET-RED"].reason is Reason.NOT_KEPT


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
