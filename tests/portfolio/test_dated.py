"""What holds from a day on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portfolio.dated import first_difference, history, holding, on, said, spans, taken_back
from portfolio.model.base import EVER, FAR

ONE, TWO = date(2026, 7, 1), date(2026, 10, 1)
days = st.dates(date(2026, 1, 1), date(2026, 3, 1))
entries = st.lists(st.tuples(days, st.sampled_from("abc")), max_size=6)


def test_a_change_holds_until_the_next_one_and_can_be_taken_back() -> None:
    told = said(said(history((), "a"), TWO, "c"), ONE, "b")
    assert [tuple(it) for it in spans(told)] == [(EVER, ONE, "a"), (ONE, TWO, "b"), (TWO, FAR, "c")]
    assert holding(told, TWO - timedelta(days=1)) == (ONE, TWO, "b")
    assert spans(taken_back(told, ONE)) == [(EVER, TWO, "a"), (TWO, FAR, "c")]
    assert taken_back(told, EVER) == told
    assert said(told, ONE, "a") == ((EVER, "a"), (TWO, "c"))
    assert said(told, EVER, "b") == ((EVER, "b"), (TWO, "c"))
    assert said(told, TWO + timedelta(days=5), "c") == told


@given(entries, days, st.sampled_from("abc"))
def test_what_was_before_a_day_stays(told: Sequence[tuple[date, str]], day: date, value: str) -> None:
    before = history(told, "a")
    for after in (said(before, day, value), taken_back(before, day)):
        first = first_difference(before, after)
        assert first is None or first >= day
        assert (first is None) == (before == after)
        assert on(after, day - timedelta(days=1)) == on(before, day - timedelta(days=1))
        # It says something of every day, and nothing twice.
        found = spans(after)
        assert (found[0].since, found[-1].until) == (EVER, FAR)
        assert all(one.until == other.since and one.value != other.value for one, other in pairwise(found))
    assert on(said(before, day, value), day) == value
