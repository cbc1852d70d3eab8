"""What stands on the page that explains a number, beyond the number: the formula with the numbers put in."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

from portfolio.kpis.declare import Kpi, Unit
from portfolio.kpis.reading import Part, Reading
from webapp.words import amount, decimals


def parts_of(reading: Reading | None) -> tuple[Part, ...]:
    """The numbers a value was made of; numerator and denominator where the KPI names none."""
    if reading is None:
        return ()
    if reading.parts or reading.denominator is None or reading.numerator is None:
        return reading.parts
    return Part("numerator", reading.numerator), Part("denominator", reading.denominator)


def written(part: Part, currency: str | None = None) -> str:
    """The number of a part, as people read it."""
    if isinstance(part.value, date):
        return part.value.isoformat()
    whole = Fraction(part.value).denominator == 1
    if part.unit == Unit.DATE:
        return date.fromordinal(int(part.value)).isoformat()
    if part.unit == Unit.MONEY:
        return f"{amount(float(part.value), Unit.MONEY)} {currency or ''}".strip()
    text = decimals(float(part.value), 0 if whole else 2)
    return text if part.unit in (Unit.COUNT, Unit.RATIO) else f"{text} {part.unit}"


def put_in(kpi: Kpi, reading: Reading | None) -> str | None:
    """The formula in symbols with the numbers in their place; None where there is nothing to put in."""
    if reading is None or not reading.parts or not kpi.symbols:
        return None
    numbers = {part.symbol: written(part, reading.currency) for part in reading.parts}
    longest = sorted(numbers, key=len, reverse=True)
    symbols = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest)) + r")(?!\w)")
    found = symbols.sub(lambda it: numbers[it[0]], kpi.symbols)
    return None if found == kpi.symbols else found
