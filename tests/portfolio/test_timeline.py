"""How rows of readings are drawn: what holds, what is replaced, what stays beside what was said in its place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portfolio.figures.timeline import OBSERVED, RECONSTRUCTED, RESTATED, Point, Span, drawn, observed, restated
from portfolio.model.base import FAR

BEGIN = date(2026, 1, 1)
THEN, NOW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)


def day(number: int) -> date:
    return BEGIN + timedelta(days=number)


def span(since: int, until: int | None, said: str, origin: str = OBSERVED, row: int = 1) -> Span:
    return Span(day(since), FAR if until is None else day(until), (said,), origin, THEN, row)


def point(since: int, until: int, said: str | None) -> Point:
    return Point(day(since), day(until), None if said is None else (said,))


def test_what_says_the_same_is_not_written() -> None:
    assert not any(drawn([span(0, None, "a")], [point(3, 5, "a"), point(5, 9, "a")], NOW, restated))


def test_a_day_that_is_not_over_has_its_last_word_only() -> None:
    changes = drawn([span(0, None, "a", row=7)], [Point(day(0), FAR, ("b",))], NOW, observed)
    assert (changes.removed, changes.added) == ((), ())
    assert changes.rewritten == (Span(day(0), FAR, ("b",), OBSERVED, NOW, 7),)


def test_what_is_published_and_corrected_stays_beside_its_correction() -> None:
    changes = drawn([span(0, None, "a", row=7)], [point(3, 5, "b")], NOW, restated)
    assert changes.rewritten == (span(0, 3, "a", row=7),)
    assert changes.added == (
        span(3, 5, "a", row=0)._replace(superseded_at=NOW),
        Span(day(3), day(5), ("b",), RESTATED, NOW),
        span(5, None, "a", row=0),
    )


def test_a_correction_that_is_corrected_stays_too() -> None:
    changes = drawn([span(3, 5, "b", RESTATED, row=8)], [point(3, 5, "c")], NOW, restated)
    assert changes.rewritten == (span(3, 5, "b", RESTATED, row=8)._replace(superseded_at=NOW),)
    assert changes.added == (Span(day(3), day(5), ("c",), RESTATED, NOW),)


def test_what_nobody_observed_is_reconstructed_however_often() -> None:
    first = drawn([], [point(0, 7, "a"), point(7, 14, "b")], NOW, restated)
    assert [(each.said, each.origin) for each in first.added] == [(("a",), RECONSTRUCTED), (("b",), RECONSTRUCTED)]
    again = drawn([span(0, 7, "a", RECONSTRUCTED, row=1)], [point(0, 7, "c")], NOW, restated)
    assert again.rewritten == (Span(day(0), day(7), ("c",), RECONSTRUCTED, NOW, 1),)
    assert (again.removed, again.added) == ((), ())


def test_what_is_said_no_more_ends() -> None:
    changes = drawn([span(0, None, "a")], [Point(day(4), FAR, None)], NOW, observed)
    assert (changes.rewritten, changes.added) == ((span(0, 4, "a"),), ())
    assert drawn([span(4, None, "a")], [Point(day(4), FAR, None)], NOW, observed).removed == (1,)


def said_on(rows: list[Span], on: date) -> list[tuple[object, ...]]:
    return [row.said for row in rows if row.superseded_at is None and row.since <= on < row.until]


cuts = st.lists(st.integers(0, 30), min_size=2, max_size=8, unique=True).map(sorted)
words = st.lists(st.sampled_from("abc"), min_size=8, max_size=8)
origins = st.lists(st.sampled_from([OBSERVED, RECONSTRUCTED, RESTATED]), min_size=8, max_size=8)


@given(cuts, words, origins, cuts, words)
def test_afterwards_each_day_says_what_was_computed_and_nothing_published_is_lost(
    rows: list[int], row_words: list[str], row_origins: list[str], points: list[int], point_words: list[str]
) -> None:
    standing = [
        span(since, until, row_words[index], row_origins[index], row=index + 1)
        for index, (since, until) in enumerate(pairwise(rows))
    ]
    computed = [point(*pair, point_words[index]) for index, pair in enumerate(pairwise(points))]
    changes = drawn(standing, computed, NOW, restated)
    written = {each.row: each for each in changes.rewritten}
    after = [written.get(row.row, row) for row in standing if row.row not in changes.removed] + list(changes.added)
    for on in map(day, range(31)):
        wanted = [each.said for each in computed if each.since <= on < each.until] or said_on(standing, on)
        assert said_on(after, on) == wanted
        kept = {row.said for row in after if row.since <= on < row.until}
        assert {row.said for row in standing if row.since <= on < row.until and row.origin != RECONSTRUCTED} <= kept
    counting = sorted((row for row in after if row.superseded_at is None), key=lambda row: row.since)
    again = [row._replace(row=number) for number, row in enumerate(counting, 1)]
    assert not any(drawn(again, computed, NOW, restated))
