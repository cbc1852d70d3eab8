"""No number of fewer than five persons is shown, and none can be worked out from those that are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portfolio.access.suppression import LEAST, suppressed, suppressed_among


def test_small_groups_and_one_more_are_hidden() -> None:
    assert suppressed({"a": 3, "b": 9, "c": 6}) == {"a", "c"}


def test_two_small_groups_hide_each_other_when_they_are_enough_together() -> None:
    assert suppressed({"a": 3, "b": 4, "c": 6}) == {"a", "b"}
    assert suppressed({"a": 1, "b": 2, "c": 6}) == {"a", "b", "c"}


def test_large_groups_and_empty_ones_are_shown() -> None:
    assert suppressed({"a": 5, "b": 0, "c": 12}) == frozenset()


def test_too_few_in_all_are_hidden_altogether() -> None:
    assert suppressed({"a": 4, "b": 0}) == {"a", "b"}


@given(st.dictionaries(st.integers(0, 9), st.integers(0, 30), max_size=8))
def test_what_is_hidden_cannot_be_worked_out(sizes: dict[int, int]) -> None:
    hidden = suppressed(sizes)
    if sum(sizes.values()) < LEAST:
        assert hidden == frozenset(sizes)
        return
    assert {key for key, size in sizes.items() if 0 < size < LEAST} <= hidden
    occupied = [key for key in hidden if sizes[key]]
    if occupied and hidden != {key for key, size in sizes.items() if size}:
        # The difference of the total and what is shown is of several groups, and of enough persons.
        assert len(occupied) > 1
        assert sum(sizes[key] for key in occupied) >= LEAST


@given(st.dictionaries(st.integers(0, 9), st.frozensets(st.integers(0, 12)), max_size=8))
def test_whoever_is_in_several_groups_counts_once(members: dict[int, frozenset[int]]) -> None:
    hidden = suppressed_among(members)
    everybody = frozenset().union(*members.values())
    if len(everybody) < LEAST:
        assert hidden == frozenset(members)
        return
    assert {key for key, persons in members.items() if 0 < len(persons) < LEAST} <= hidden
    occupied = [members[key] for key in hidden if members[key]]
    if occupied and hidden != {key for key, persons in members.items() if persons}:
        assert len(occupied) > 1
        assert len(frozenset().union(*occupied)) >= LEAST
