"""A reading: what a KPI says of one project, program or portfolio on one day.

No data gives a reason and grey. It never gives 0, 1 or green. Inside, values are exact fractions; they are compared
with thresholds before anything is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache


class Rag(StrEnum):
    """A colour. Grey means that nobody can tell, and is never averaged."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


class Reason(StrEnum):
    """Why there is no value; or, beside a value, what it rests on."""

    NO_BASELINE = "NO_BASELINE"
    ZERO_DENOM = "ZERO_DENOM"
    NO_DATA = "NO_DATA"
    MISSING_DATES = "MISSING_DATES"
    INSUFFICIENT_SAMPLE = "INSUFFICIENT_SAMPLE"
    CURRENCY_MIX = "CURRENCY_MIX"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    NOT_KEPT = "NOT_KEPT"
    NOT_PERMITTED = "NOT_PERMITTED"
    DERIVED_PLAN = "DERIVED_PLAN"
    UNATTAINABLE = "UNATTAINABLE"
    OVERRUN = "OVERRUN"
    NEVER = "NEVER"
    NOT_AVAILABLE_YET = "NOT_AVAILABLE_YET"
    NOT_IN_HOURS = "NOT_IN_HOURS"

    @property
    def words(self) -> str:
        """The reason in words for a page."""
        return _WORDS[self]


_WORDS = {
    Reason.NO_BASELINE: "no baseline with enough due dates and estimates (or points, where plans are counted in them), "
    "and no plan that could stand in for one",
    Reason.ZERO_DENOM: "nothing to compare with",
    Reason.NO_DATA: "no data",
    Reason.MISSING_DATES: "the dates this needs are missing",
    Reason.INSUFFICIENT_SAMPLE: "too few cases to say anything",
    Reason.NOT_APPLICABLE: "does not apply here",
    Reason.CURRENCY_MIX: "amounts in several currencies do not add up",
    Reason.NOT_KEPT: "nobody kept what this was on that day",
    Reason.NOT_PERMITTED: "it would tell what one person costs",
    Reason.UNATTAINABLE: "the planned cost cannot be met any more",
    Reason.NOT_AVAILABLE_YET: "what this needs is not kept here yet",
    Reason.NOT_IN_HOURS: "the plan is counted in points or items, which make no money and do not add up over projects; "
    "look at SPI(t), or have it counted in hours (set with SPI)",
    Reason.NEVER: "at the present pace it would take more than five years",
    Reason.OVERRUN: "the planned time is over and the work is not",
    Reason.DERIVED_PLAN: "measured against a plan derived from the items' own dates, there is no baseline",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One number a value was made of: the symbol it has in the KPI's formula, and its unit (a `Unit`'s text)."""

    symbol: str
    value: Fraction | int | date
    unit: str = "n"


@dataclass(frozen=True, slots=True)
class Reading:
    """`n` is the size of the sample. `coverage` (0..1) is the share of what should be measured that could be.

    A date is its ordinal number, money an amount in `currency`. `judged` is what the thresholds look at where that is
    not the value itself; not `judgeable` means that there is nothing to hold the value against, so it stays grey.
    `settled` is a colour that stands whatever the thresholds. Without a value `reason` says why. `parts` are the
    numbers that stand in the formula, for explaining; they are not kept. `alone`: it is counted in a unit that does not
    add up over projects. It has no numerator and denominator then, and is no part of what a scope says.
    """

    value: Fraction | None
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    n: int = 0
    coverage: Fraction | None = None
    reason: Reason | None = None
    rag: Rag = Rag.GREY
    judged: Fraction | None = None
    judgeable: bool = True
    settled: Rag | None = None
    currency: str | None = None
    parts: tuple[Part, ...] = ()
    alone: bool = False

    def __post_init__(self) -> None:
        if self.value is None and (self.reason is None or self.rag is not Rag.GREY):
            raise ValueError("a reading without a value has a reason and is grey")


# Most figures of most projects have none, for few reasons: each of them is made once.
@lru_cache(maxsize=4096)
def nothing(reason: Reason, *, n: int = 0, coverage: Fraction | None = None) -> Reading:
    """A reading without a value."""
    return Reading(None, n=n, coverage=coverage, reason=reason)


def ratio(
    numerator: Fraction | int, denominator: Fraction | int, *, n: int | None = None, coverage: Fraction | None = None
) -> Reading:
    """numerator / denominator, `ZERO_DENOM` where that cannot be. `n` is the denominator unless given."""
    if denominator == 0:
        return nothing(Reason.ZERO_DENOM, n=n or 0, coverage=coverage)
    over, under = Fraction(numerator), Fraction(denominator)
    return Reading(over / under, over, under, int(under) if n is None else n, coverage)


def share(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    """part / whole for a coverage; None when there is no whole."""
    return Fraction(part, whole) if whole else None
