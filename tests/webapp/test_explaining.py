"""The formula of a KPI with the numbers of the day in place of its symbols."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.declare import Unit
from portfolio.kpis.reading import Part, Reading
from webapp.explaining import parts_of, put_in, written


def test_the_longest_symbol_is_put_in_first_and_only_whole_ones() -> None:
    kpi = replace(KPIS["SCH-09"], symbols="EV = EVEN x EV / PV (EV at cost)")
    parts = (Part("EV", 3), Part("EV at cost", Fraction(7, 2)), Part("PV", 4, Unit.HOURS))
    assert put_in(kpi, Reading(Fraction(1), parts=parts)) == "3 = EVEN x 3 / 4 h (3.50)"


def test_without_parts_there_is_nothing_to_put_in_but_what_it_was_divided_from() -> None:
    reading = Reading(Fraction(1, 2), Fraction(2), Fraction(4))
    assert put_in(KPIS["SCH-09"], reading) is None
    assert [(part.symbol, part.value) for part in parts_of(reading)] == [("numerator", 2), ("denominator", 4)]
    assert parts_of(None) == ()


def test_numbers_are_written_as_people_read_them() -> None:
    assert written(Part("a", date(2026, 3, 2))) == "2026-03-02"
    assert written(Part("a", date(2026, 3, 2).toordinal(), Unit.DATE)) == "2026-03-02"
    assert written(Part("a", Fraction(12345, 10), Unit.MONEY), "EUR").endswith("EUR")
    assert written(Part("a", Fraction(79, 100), Unit.RATIO)) == "0.79"
