"""How fast one connection may ask, as a value, and what changes it. Pure: the present moment is passed in.

The tracker's word comes first (`free_at`), then the budget it tells of and the rate that was set for the connection,
then what was learnt from being throttled: a gap between requests and a width, which ease back with good answers.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from connector.boundary.told import NEARLY_OVER, Told

FIRST_GAP_S = 0.1
WIDEST_GAP_S = 5.0
EASE = 0.95
# What is left of a budget is spread over the time to its reset, but rather than so thinly we wait for the reset.
WIDEST_SPREAD_S = 30.0
# Requests under way together are throttled together: that is one word of the tracker, not many.
STORM_S = 1.0
# Good answers after which one more request may be under way, and a width that no number of threads reaches.
GOOD_RUN = 20
FREE_WIDTH = 16
# A tracker that throttled longer ago than this has forgotten it, and so do we.
FORGET_S = 600.0


class Pace(msgspec.Struct, frozen=True):
    """Nobody asks before `free_at`; then requests start `gap_s` apart, the next one not before `next_at`, and at most
    `width` are under way at once in a process (0: as many as there are threads).

    Times are seconds of one clock. `limit_told`, `remaining_told` and `reset_at` are the tracker's own words. `good`
    counts the answers since the width last changed.
    """

    free_at: float = 0.0
    next_at: float = 0.0
    gap_s: float = 0.0
    width: int = 0
    throttled_at: float | None = None
    limit_told: int | None = None
    remaining_told: int | None = None
    reset_at: float | None = None
    good: int = 0


def gap_at(pace: Pace, now: float) -> float:
    """Seconds between the starts of two requests: the learnt or set gap, or a nearly used-up budget spread."""
    spread = _spread(pace, now)
    return pace.gap_s if spread is None or spread > WIDEST_SPREAD_S else max(pace.gap_s, spread)


def taken(pace: Pace, now: float, count: int = 1) -> tuple[float, Pace]:
    """The moment of the first of `count` turns that are taken, `gap_at` apart."""
    start = max(now, pace.free_at, pace.next_at)
    return start, replace(pace, next_at=start + count * gap_at(pace, now))


def throttled(pace: Pace, base_s: float, now: float, pause: float, under_way: int) -> Pace:
    """The tracker throttled us: nobody asks for `pause` seconds, then half as often and half as many at once.

    `base_s` is the gap of the rate that was set; the gap is widened no further than to `WIDEST_GAP_S` beyond it.
    """
    held = replace(pace, free_at=max(pace.free_at, now + pause))
    if pace.throttled_at is not None and 0 <= now - pace.throttled_at < STORM_S:
        return held
    return replace(
        held,
        gap_s=min(max(pace.gap_s * 2, FIRST_GAP_S), max(WIDEST_GAP_S, base_s)),
        width=max(1, min(pace.width or under_way, under_way) // 2),
        throttled_at=now,
        good=0,
    )


def eased(pace: Pace, base_s: float, answers: int = 1) -> Pace:
    """So many good answers came: back towards the set rate, and now and then to one more request at once."""
    gap = pace.gap_s
    if gap > base_s:
        gap *= EASE**answers
        gap = base_s if gap < max(base_s, FIRST_GAP_S / 10) else gap
    width, good = pace.width, 0
    if width:
        more, good = divmod(pace.good + answers, GOOD_RUN)
        width = width + more if width + more < FREE_WIDTH else 0
    return replace(pace, gap_s=gap, width=width, good=good)


def informed(pace: Pace, told: Told, now: float) -> Pace:
    """The tracker told of its budget. One that is used up holds everybody until it is there again."""
    if told.limit is None and told.remaining is None:
        return pace
    reset_at = None if told.resets_in is None else now + told.resets_in
    known = replace(pace, limit_told=told.limit, remaining_told=told.remaining, reset_at=reset_at)
    spread = _spread(known, now)
    if reset_at is not None and spread is not None and spread > WIDEST_SPREAD_S:
        return replace(known, free_at=max(pace.free_at, reset_at))
    return known


def recovered(pace: Pace, base_s: float, now: float) -> Pace:
    """The pace without what is outdated by now, and no faster than the rate that was set."""
    outdated = pace.throttled_at is None or now - pace.throttled_at > FORGET_S
    if outdated:
        return replace(pace, gap_s=base_s, width=0)
    return replace(pace, gap_s=max(pace.gap_s, base_s))


def _spread(pace: Pace, now: float) -> float | None:
    """The time to the reset over what is left; None for a budget that is not nearly used up, or not told."""
    if pace.remaining_told is None or pace.reset_at is None or pace.reset_at <= now:
        return None
    if pace.limit_told is not None and pace.remaining_told > pace.limit_told * NEARLY_OVER:
        return None
    if pace.remaining_told == 0:
        return float("inf")
    return (pace.reset_at - now) / pace.remaining_told
