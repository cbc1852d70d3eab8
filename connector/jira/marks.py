"""Marks: instants of the tracker's own clock, from which changes are asked for. Pure.

A mark is taken before the first search of a pass. What changed before it was there to be found by that pass, but for
what the search index had not yet taken in; hence the next pass looks back a little further.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

OVERLAP_MS = 10 * 60_000
"""How long before its mark a pass looks for changes: for the lag of the index, and for JQL's whole minutes."""

AHEAD_MS = 60_000
"""How far the clocks of one site's servers may differ."""

APART_MS = 60 * 60_000
MOST_SLICES = 50

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def mark_at(clock: int | None) -> str | None:
    """The mark of a pass that begins when the tracker's clock shows this."""
    return None if clock is None else str(clock)


def instants(marks: Mapping[str, str], clock: int | None) -> dict[str, int]:
    """The instants of the marks that can be relied on.

    One that is ahead of the tracker's clock cannot: the clock was set back, and what changed since may bear an earlier
    time. How far back is unknown.
    """
    known = {name: int(mark) for name, mark in marks.items() if mark.isdecimal()}
    return {name: at for name, at in known.items() if clock is None or at <= clock + AHEAD_MS}


def grouped(instants: Mapping[str, int]) -> list[tuple[int, tuple[str, ...]]]:
    """Slices to be asked for together, with the oldest instant of each group: not too many, and not too far apart."""
    groups: list[tuple[int, list[str]]] = []
    for name, at in sorted(instants.items(), key=lambda pair: (pair[1], pair[0])):
        if groups and at - groups[-1][0] <= APART_MS and len(groups[-1][1]) < MOST_SLICES:
            groups[-1][1].append(name)
        else:
            groups.append((at, [name]))
    return [(since, tuple(names)) for since, names in groups]


def looked_back(mark: str) -> int:
    """From when on a pass looks for changes since a mark, in epoch milliseconds."""
    return max(int(mark) - OVERLAP_MS, 0)


def in_zone(since_ms: int, zone: str) -> str:
    """An instant as JQL reads it for an account in this time zone: to the minute, never later than meant.

    Where the zone is unknown, a day earlier: no zone is further from UTC. An hour that the clocks went through twice
    is avoided, because nobody knows which one JQL takes it for.
    """
    moment = max(datetime.fromtimestamp(since_ms / 1000, UTC), _EARLIEST)
    try:
        local = moment.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        local = moment - timedelta(days=1)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        local = (moment - timedelta(hours=3)).astimezone(local.tzinfo)
    return f'"{local:%Y/%m/%d %H:%M}"'
