"""How far a reading can be relied on: a grade from A to D, the worst of what these say; None without a value. Pure.

| grade | share of what should be measured that could be | items nobody mapped | work whose past is assumed |
|-------|------------------------------------------------|---------------------|----------------------------|
| A     | at least 90 %                                  | at most 1 %         | at most 5 %                |
| B     | at least 70 %                                  | at most 5 %         | at most 20 %               |
| C     | at least 50 %                                  | at most 20 %        | at most 50 %               |
| D     | less                                           | more                | more                       |

Items nobody mapped are counted as they are at present, for every day: the past is computed anew with the mapping of the
present, so what it does not know is not known of past days either.

What is not known of a reading (it has no coverage, the project no items) does not count against it.

A scope is as sure as its projects: the worst grade that, with all worse ones, stands for a tenth of the sample (`n`) or
more, so that one small project does not speak for all; and by its own coverage, the share of projects with a value.

How fresh the data is belongs to the moment one looks: it is no part of what is kept, and lowers the grade when it is
shown (`as_fresh`): to C where the age of the data is red by DQ-06, to D where the project was never read whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from portfolio.facts.gather import ProjectFacts
from portfolio.kpis.reading import Rag, Reading

GRADES = "ABCD"
_COVERED = (Fraction(9, 10), Fraction(7, 10), Fraction(5, 10))
_UNMAPPED = (Fraction(1, 100), Fraction(5, 100), Fraction(20, 100))
_ASSUMED = (Fraction(5, 100), Fraction(20, 100), Fraction(50, 100))
SPEAKS = Fraction(1, 10)


def of_project(facts: ProjectFacts) -> str:
    """The best grade that any reading of the project can have."""
    return max(
        _grade(facts.unmapped, facts["items"] + facts["cancelled_items"], _UNMAPPED),
        _grade(facts["work_without_history"], facts["work"], _ASSUMED),
    )


def grade(reading: Reading, best: str = "A") -> str | None:
    """The grade of a reading, no better than `best`."""
    if reading.value is None:
        return None
    if reading.coverage is None:
        return best
    below = sum(reading.coverage < limit for limit in _COVERED)
    return max(best, GRADES[below])


def together(grades: Iterable[tuple[str | None, int]]) -> str:
    """The best grade that a scope can have: from the grades of its projects' readings, and the sample of each."""
    known = sorted(((found, max(n, 1)) for found, n in grades if found is not None), reverse=True)
    total, sofar = sum(n for _, n in known), 0
    for found, n in known:
        sofar += n
        if sofar >= SPEAKS * total:
            return found
    return "A"


def as_fresh(kept: str | None, age_value: float | None, age_rag: str, *, known: bool) -> str | None:
    """The grade as it is shown, by the age of the data: its value and colour; not `known` where nobody asked for it."""
    if kept is None or not known:
        return kept
    if age_value is None:
        return "D"
    return max(kept, "C") if age_rag == Rag.RED.value else kept


def _grade(bad: int, of_all: int, limits: tuple[Fraction, ...]) -> str:
    if not of_all:
        return "A"
    return GRADES[sum(Fraction(bad, of_all) > limit for limit in limits)]
