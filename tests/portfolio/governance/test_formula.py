"""Formulas people type: what they compute, exactly, and what none may hold."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.governance.errors import FaultySettingError
from portfolio.governance.formula import LONGEST, read_formula
from portfolio.governance.own import OwnKpi, kpi_of
from portfolio.kpis.declare import Together
from portfolio.kpis.reading import Rag, Reading, Reason
from tests.portfolio.builders import noon

NUMBERS = {"items": 12, "open_items": 10, "overdue": 3, "open_with_due": 7, "blocked": 0}
OWN = OwnKpi(name="Late", words="w", unit="ratio", direction="-", formula="overdue / open_with_due")
DAY = Day(date(2026, 3, 13), noon(date(2026, 3, 13)))


def read(formula: str, numbers: dict[str, int] = NUMBERS, **more: str) -> Reading:
    own = OwnKpi(name="n", words="w", unit="n", direction="-", formula=formula, **more)
    return kpi_of("OWN-01", own).read(ProjectFacts(numbers=numbers), DAY)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("overdue / open_with_due", Fraction(3, 7)),
        ("0.1 * overdue", Fraction(3, 10)),
        ("1 - (overdue + blocked) / open_items", Fraction(7, 10)),
        ("max(overdue, open_items, 4) - min(overdue, blocked)", Fraction(10)),
        ("abs(overdue - open_items) ** 2", Fraction(49)),
        ("-overdue", Fraction(-3)),
        ("overdue ** 0", Fraction(1)),
        ("overdue - 1e3", Fraction(-997)),
    ],
)
def test_formulas_are_computed_exactly(formula: str, value: Fraction) -> None:
    assert read(formula).value == value


def test_a_quotient_tells_both_its_halves_and_every_number_in_it() -> None:
    found = read("(overdue + blocked) / open_with_due")
    assert (found.numerator, found.denominator, found.n) == (3, 7, 7)
    assert [(part.symbol, part.value) for part in found.parts] == [
        ("overdue", 3), ("blocked", 0), ("open_with_due", 7),
    ]  # fmt: skip
    assert read("overdue * 2").n == 12


def test_no_data_and_divisions_by_zero_are_reasons() -> None:
    assert read("overdue / open_items", {}).reason is Reason.NO_DATA
    for formula in ("overdue / blocked", "1 + overdue / blocked", "overdue / (2 / blocked)", "overdue / (blocked * 2)"):
        assert read(formula).reason is Reason.ZERO_DENOM
    assert read("overdue", green="3", amber="5").rag is Rag.GREEN
    assert read("overdue", green="2", amber="2").rag is Rag.RED


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("", "at most"),
        ("overdue +", "cannot be read"),
        ("overdue; blocked", "cannot be read"),
        ("(" * 250 + "overdue" + ")" * 30, "cannot be read"),
        ("late / open_items", "there is no fact 'late'"),
        ("1 / 2", "names no fact"),
        ("overdue.__class__", "overdue.__class__"),
        ("overdue[0]", "overdue"),
        ("__import__('os')", "may stand in it"),
        ("open('x')", "may stand in it"),
        ("min(overdue)", "two values"),
        ("abs(overdue, blocked)", "one value"),
        ("max(*overdue, 1)", "may stand in it"),
        ("min(overdue, key=blocked)", "may stand in it"),
        ("lambda: overdue", "may stand in it"),
        ("[overdue for x in overdue]", "may stand in it"),
        ("overdue if blocked else 1", "may stand in it"),
        ("overdue > 1", "may stand in it"),
        ("overdue // 2", "may stand in it"),
        ("overdue % 2", "may stand in it"),
        ("overdue * 'x'", "may stand in it"),
        ("overdue * True", "may stand in it"),
        ("overdue + 1j", "may stand in it"),
        ("overdue ** overdue", "exponent"),
        ("overdue ** 5", "exponent"),
        ("overdue ** -1", "exponent"),
        ("overdue ** True", "exponent"),
        ("((((overdue ** 4) ** 4) ** 4) ** 4) ** 4", "too large"),
        ("overdue + 9e999", "too large"),
        ("(x := overdue)", "may stand in it"),
        ("f'{overdue}'", "may stand in it"),
        ("overdue + " * 40 + "1", "at most"),
    ],
)
def test_what_no_formula_may_hold_is_refused_by_name(formula: str, said: str) -> None:
    with pytest.raises(FaultySettingError) as raised:
        read_formula(formula)
    assert raised.value.field == "formula"
    assert said in str(raised.value)


def test_the_deepest_formulas_there_can_be_are_computed() -> None:
    assert read("-" * (LONGEST - 7) + "overdue").value == -3
    assert read("overdue+" * 36 + "overdue").value == 111
    assert read("((overdue**4)**4)**4").value == 3**64


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", " "),
        ("name", "a\nb"),
        ("name", "n" * 81),
        ("words", ""),
        ("words", "w" * 1_001),
        ("unit", "money"),
        ("direction", "up"),
        ("formula", "nothing"),
        ("green", "5"),
    ],
)
def test_an_own_kpi_is_refused_at_the_field_that_is_wrong(field: str, text: str) -> None:
    values = {name: getattr(OWN, name) for name in OWN.__struct_fields__} | {field: text}
    with pytest.raises(FaultySettingError) as raised:
        kpi_of("OWN-01", OwnKpi(**values))
    assert raised.value.field == ("amber" if field == "green" else field)


def test_over_several_projects_it_is_computed_over_their_sums() -> None:
    found = kpi_of("OWN-01", OWN)
    assert (found.together, found.behind) == (Together.POOLED, ("overdue", "open_with_due"))
