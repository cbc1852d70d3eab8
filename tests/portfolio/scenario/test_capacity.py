"""Somebody more in a capacity is as if they had been there from the beginning."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.resources.capacity import Absence, Capacity, Pattern, Terms

FIRST, LAST = 739_600, 739_700
PATTERNS = [Pattern((8.0,) * 5 + (0.0,) * 2, {FIRST + 9: 0.5}), Pattern((4.0,) * 7)]
_DAY = st.integers(FIRST - 5, LAST + 5)


@given(st.integers(0, 3), _DAY, st.integers(0, 60), st.sampled_from([0.5, 1.0]))
@settings(max_examples=25)
def test_who_joins_is_as_if_always_there(place: int, since: int, days: int, factor: float) -> None:
    terms = [Terms(0, FIRST, LAST + 1, 0, 1.0), Terms(1, FIRST, FIRST + 20, 1, 0.5), Terms(2, FIRST + 5, LAST, 0, 0.8)]
    absences = [Absence(0, FIRST + 3, FIRST + 8), Absence(2, FIRST + 30, FIRST + 31, 0.5)]
    capacity = Capacity(3, PATTERNS, terms, absences, FIRST, LAST)
    joined = capacity.joined(place, PATTERNS[1], since, since + days, factor)
    moved = [it._replace(person=it.person + (it.person >= place)) for it in terms]
    away = [it._replace(person=it.person + (it.person >= place)) for it in absences]
    new = Terms(place, since, since + days, 1, factor)
    direct = Capacity(4, PATTERNS, [*moved, new], away, FIRST, LAST)
    assert np.allclose(joined.daily(FIRST, LAST), direct.daily(FIRST, LAST))
    who, start = np.arange(4), np.full(4, FIRST + 2)
    assert np.allclose(joined.between(who, start, start + 40), direct.between(who, start, start + 40))
    assert capacity.count == 3
