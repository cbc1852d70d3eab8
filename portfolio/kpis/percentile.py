"""Percentiles of counted values, by nearest rank: always a value that was observed, never a made-up one between two."""

from __future__ import annotations

from collections.abc import Iterable


def nearest_rank(counted: Iterable[tuple[int, int]], percent: int) -> int | None:
    """The value at rank ceil(percent/100 * n) of (value, how often) pairs in any order; None without values."""
    pairs = sorted(counted)
    total = sum(times for _, times in pairs)
    rank = -(-percent * total // 100)
    seen = 0
    for value, times in pairs:
        seen += times
        if times and seen >= rank:
            return value
    return None
