"""What the rows of a file come to beside what stands. Pure: days and values in, days and values out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from portfolio.model.base import EVER, FAR
from sync.capacity.kind import Dated, Key, Row, Standing, Value


class Settled(NamedTuple):
    """What is to stand (None: no more) by key, and what is wrong with rows, by their place."""

    wanted: Mapping[Key, Value | None]
    faults: Mapping[int, str]


def settle(rows: Sequence[Row | None], lines: Sequence[int], standing: Standing, dated: Dated | None) -> Settled:
    """All rows that can be read, by their place; None for the others. No two may be about the same."""
    faults: dict[int, str] = {}
    first: dict[Key, int] = {}
    for place, row in enumerate(rows):
        if row is not None and (other := first.setdefault(row.key, place)) != place:
            faults[place] = f"line {lines[other]} is about the same."
    wanted = {row.key: row.value for row in rows if row is not None}
    if dated is not None:
        wanted = _ends(first, lines, wanted, faults)
        wanted |= _what_was(wanted, standing, dated)
    return Settled(wanted, faults)


def _ends(
    places: Mapping[Key, int], lines: Sequence[int], wanted: Mapping[Key, Value | None], faults: dict[int, str]
) -> dict[Key, Value | None]:
    """The rows with the days they end before; what overlaps is a fault."""
    found: dict[Key, Value | None] = {}
    following: Key | None = None
    for key in sorted(wanted, reverse=True):
        value = wanted[key]
        after = following if following is not None and following[:-1] == key[:-1] else None
        begins = FAR if after is None else after[-1]
        if value is not None:
            until = begins if value[0] is None else value[0]
            if after is not None and until > begins:
                faults.setdefault(places[key], f"it overlaps with line {lines[places[after]]}.")
            value = (until, *value[1:])
        found[key] = value
        following = key
    return found


def _what_was(wanted: Mapping[Key, Value | None], standing: Standing, dated: Dated) -> dict[Key, Value | None]:
    """What becomes of what stands of the same: it ends where the first row begins, what begins later goes."""
    begins: dict[Key, date] = {}
    for key in wanted:
        begins[key[:-1]] = min(key[-1], begins.get(key[:-1], FAR))
    found: dict[Key, Value | None] = {}
    told: dict[Key, int] = defaultdict(int)
    for key, value in standing.items():
        first = begins.get(key[:-1])
        if first is None:
            continue
        told[key[:-1]] += 1
        if key[-1] >= first:
            found[key] = wanted.get(key)
        elif value[0] > first:
            found[key] = (first, *value[1:])
    if dated.before is not None:
        for about, first in begins.items():
            if not told[about] and first > EVER:
                found[(*about, EVER)] = (first, *dated.before[1:])
    return found
