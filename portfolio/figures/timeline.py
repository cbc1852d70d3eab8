"""What becomes of the rows of one KPI of one scope when days are computed. Pure.

A row says something of the days from `since` up to `until`. What is computed for a day holds from there up to the next
day that was computed; that is a point. Where it says the same as the row that stands there, nothing changes. Else it
stands in the row's place, and a rule says what becomes of what the row said of these days: kept as superseded, or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

OBSERVED, RECONSTRUCTED, RESTATED = "observed", "reconstructed", "restated"
Said = tuple[Any, ...]


class Span(NamedTuple):
    """A row: what is said of the days from `since` up to, not including, `until`. `row` is its id, 0 for a new one.

    With `superseded_at` it counts no more.
    """

    since: date
    until: date
    said: Said
    origin: str
    computed_at: datetime
    row: int = 0
    superseded_at: datetime | None = None


class Point(NamedTuple):
    """What was computed for a day, and up to which day it holds; None: nothing is said of these days any more."""

    since: date
    until: date
    said: Said | None


class Changes(NamedTuple):
    """`removed` are ids of rows, `rewritten` rows with other contents under the id they have, `added` new ones."""

    removed: tuple[int, ...] = ()
    rewritten: tuple[Span, ...] = ()
    added: tuple[Span, ...] = ()


Rule = Callable[[Span | None], tuple[str, bool]]
"""From the row that stood there (None: none did) to the origin of the new one, and whether the old one is kept."""


def observed(_standing: Span | None) -> tuple[str, bool]:
    """The rule for a day that is not over: what was computed for it before was never the last word."""
    return OBSERVED, False


def restated(standing: Span | None) -> tuple[str, bool]:
    """The rule for past days: what was published stays beside what is said in its place.

    What was reconstructed had been computed from the history as it was known; from better knowledge it is once more.
    """
    if standing is None or standing.origin == RECONSTRUCTED:
        return RECONSTRUCTED, False
    return RESTATED, True


def drawn(standing: Sequence[Span], points: Sequence[Point], now: datetime, rule: Rule) -> Changes:
    """What is to be written so that the points count. Both in order of days; rows and points do not overlap each other.

    Pieces of days that adjoin and say the same become one row.
    """
    pieces: list[Span] = []
    rest = list(standing)
    for point in points:
        rest = _draw(rest, point, now, rule, pieces)
    return _changes(standing, _joined([*pieces, *rest]))


def _draw(rest: Sequence[Span], point: Point, now: datetime, rule: Rule, pieces: list[Span]) -> list[Span]:
    """Put the pieces up to the end of the point into `pieces`; returns what stands after it."""
    left: list[Span] = []
    at = point.since

    def say(until: date, instead_of: Span | None) -> None:
        origin, kept = rule(instead_of)
        if kept and instead_of is not None:
            pieces.append(instead_of._replace(since=at, until=until, superseded_at=now))
        if point.said is None:
            return
        # What is not kept leaves its id to what stands in its place.
        row = 0 if kept or instead_of is None else instead_of.row
        pieces.append(Span(at, until, point.said, origin, now, row))

    for span in rest:
        if span.until <= point.since:
            pieces.append(span)
            continue
        if span.since < point.since:
            pieces.append(span._replace(until=point.since))
        if span.until > point.until:
            left.append(span._replace(since=max(span.since, point.until)))
        if span.since >= point.until:
            continue
        if at < span.since:
            say(span.since, None)
            at = span.since
        until = min(span.until, point.until)
        if span.said == point.said:
            pieces.append(span._replace(since=at, until=until))
        else:
            say(until, span)
        at = until
    if at < point.until:
        say(point.until, None)
    return left


def _joined(pieces: Sequence[Span]) -> list[Span]:
    """The pieces, those that adjoin and differ in their days alone as one."""
    ends: dict[tuple[Any, ...], int] = {}
    whole: list[Span] = []
    for piece in sorted(pieces, key=lambda each: each.since):
        same = (piece.said, piece.origin, piece.computed_at, piece.superseded_at)
        before = ends.get((*same, piece.since))
        if before is not None:
            whole[before] = whole[before]._replace(until=piece.until)
        else:
            before = len(whole)
            whole.append(piece)
        ends[*same, piece.until] = before
    return whole


def _changes(standing: Sequence[Span], after: Sequence[Span]) -> Changes:
    before = {span.row: span for span in standing}
    taken: set[int] = set()
    rewritten: list[Span] = []
    added: list[Span] = []
    for span in after:
        if span.row not in before or span.row in taken:
            added.append(span._replace(row=0))
            continue
        taken.add(span.row)
        if span != before[span.row]:
            rewritten.append(span)
    return Changes(tuple(row for row in before if row not in taken), tuple(rewritten), tuple(added))
