"""KPIs of the organisation's own: a formula over facts with what a shipped KPI has beside it.

They show wherever KPIs show, and are computed like shipped ones; limits and targets can be set for scopes likewise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from portfolio.facts.gather import ProjectFacts
from portfolio.governance.errors import FaultySettingError
from portfolio.governance.formula import Formula, read_formula
from portfolio.governance.kpi_setting import limits_of
from portfolio.kpis.declare import Kpi, Together, Unit
from portfolio.kpis.reading import Part, Reading, Reason, nothing
from portfolio.kpis.thresholds import Direction

PREFIX = "OWN-"
"""Ids of own KPIs begin so: no KPI that is shipped, now or later, does."""
UNITS = (Unit.RATIO, Unit.COUNT, Unit.PER_WEEK, Unit.DAYS, Unit.WORKDAYS, Unit.HOURS, Unit.WEEKS, Unit.POINTS)
"""What a formula over numbers of items can be counted in."""
LONGEST_NAME, LONGEST_WORDS = 80, 1_000
SOURCE = "the organisation's own"


class OwnKpi(msgspec.Struct, frozen=True, kw_only=True):
    """What an own KPI says. Everything is text as typed; `kpi_of` reads it."""

    name: str
    words: str
    unit: str
    direction: str
    formula: str
    green: str | None = None
    amber: str | None = None


def read_own(body: str) -> OwnKpi:
    """What is kept as text."""
    return msgspec.json.decode(body, type=OwnKpi)


def written_own(own: OwnKpi) -> str:
    """The text that is kept."""
    return msgspec.json.encode(own).decode()


@lru_cache(maxsize=256)
def kpi_of(kpi_id: str, own: OwnKpi) -> Kpi:
    """The KPI it declares, the same one each time. Raises `FaultySettingError` for what cannot be one."""
    name, words = own.name.strip(), own.words.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise FaultySettingError("name", f"give it a name of 1 to {LONGEST_NAME} printable characters")
    if not words or len(words) > LONGEST_WORDS:
        raise FaultySettingError("words", f"say in 1 to {LONGEST_WORDS} characters what it tells")
    if own.unit not in UNITS:
        raise FaultySettingError("unit", f"choose one of {', '.join(UNITS)}")
    if own.direction not in tuple(Direction):
        raise FaultySettingError("direction", f"choose one of {', '.join(Direction)}")
    direction, formula = Direction(own.direction), read_formula(own.formula)
    return Kpi(
        kpi_id,
        name,
        Unit(own.unit),
        direction,
        limits_of(direction, own.green, own.amber),
        SOURCE,
        Together.POOLED,
        formula.text,
        formula.facts,
        words,
        lambda facts, _day: _reading(formula, facts),
    )


def next_id(used: Iterable[str]) -> str:
    """An id that none of the own KPIs there are or were has."""
    numbers = (int(it.removeprefix(PREFIX)) for it in used if re.fullmatch(PREFIX + r"\d{2,9}", it))
    return f"{PREFIX}{max(numbers, default=0) + 1:02}"


def _reading(formula: Formula, facts: ProjectFacts) -> Reading:
    """No items: NO_DATA. A division by zero: ZERO_DENOM. n is the denominator where that counts something, else the
    number of items."""
    if not facts.numbers:
        return nothing(Reason.NO_DATA)
    parts = tuple(Part(name, facts[name]) for name in formula.facts)
    try:
        over, under = formula.computed(facts.numbers)
    except ZeroDivisionError:
        return nothing(Reason.ZERO_DENOM)
    if not under:
        return nothing(Reason.ZERO_DENOM)
    counted = formula.under is not None and under > 0 and under.denominator == 1
    n = under.numerator if counted else facts["items"]
    return Reading(over / under, over, under, n, parts=parts)
