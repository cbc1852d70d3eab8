"""How good the forecast is: what it would have said in past weeks, against what then happened.

Each past week with enough weeks before it and enough after it is a case: from the weeks before, it is forecast how
many items will be finished in the next four, and those that were are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from portfolio.forecast.count import count

SAMPLE_WEEKS, FEWEST_WEEKS = 12, 6
"""Weeks a forecast draws from: the last twelve, and at least six."""
AHEAD_WEEKS = 4


@dataclass(frozen=True)
class Score:
    """Of `cases` forecasts `hits` came out: at least as many items were finished as were said to be with 85 %.

    `error` is the mean distance, in items, between what was finished and what was said to be as likely as not; `usual`
    is how many were finished on average, to hold that against.
    """

    cases: int
    hits: int
    error: Fraction
    usual: Fraction


def score(weeks: Sequence[int]) -> Score | None:
    """The score of the forecast on the past of a project, weekly throughput, oldest first; None without any case."""
    hits, distance, finished, cases = 0, 0, 0, 0
    for now in range(FEWEST_WEEKS, len(weeks) - AHEAD_WEEKS + 1):
        sample = weeks[max(0, now - SAMPLE_WEEKS) : now]
        if not any(sample):
            continue
        actual = sum(weeks[now : now + AHEAD_WEEKS])
        cases += 1
        hits += actual >= count(sample, AHEAD_WEEKS, 85)
        distance += abs(actual - count(sample, AHEAD_WEEKS, 50))
        finished += actual
    return Score(cases, hits, Fraction(distance, cases), Fraction(finished, cases)) if cases else None
