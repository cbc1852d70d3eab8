"""Marks of a row in lanes, so that none hides another, and which of them have room for their name."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

NARROWEST = 800
"""Pixels the plot is wide at least; the style sheet sees to it. What has room here has room in any wider one."""
MARK = 16
"""Pixels a mark and the air around it take."""
BESIDE = 10
"""Pixels from the middle of a mark to its name."""
LETTER = 6.4
"""Pixels a letter of a name takes at most on average; a wide one takes two."""
LONGEST = 28


@dataclass(frozen=True)
class Placed:
    """Where a mark stands: its number in the order it was given, `x` in percent, its lane from 0 on, and its name as
    far as it has room, None where it has none."""

    number: int
    x: float
    lane: int
    label: str | None


def percent(pixels: float) -> float:
    """What so many pixels are of the narrowest plot."""
    return pixels * 100 / NARROWEST


def width(text: str) -> float:
    """How many percent the text takes at most."""
    letters = sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
    return percent(letters * LETTER)


def short(text: str) -> str:
    """The text on one line, cut to what a name may take."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"


def placed(marks: Sequence[tuple[float, str]]) -> tuple[Placed, ...]:
    """The marks (x in percent, name) from left to right, each in the highest lane where it touches no other.

    A mark without room has no name, and names make no lanes.
    """
    order = sorted(range(len(marks)), key=lambda number: marks[number][0])
    lanes: list[list[int]] = []
    for number in order:
        free = (lane for lane in lanes if marks[number][0] - marks[lane[-1]][0] >= percent(MARK))
        lane = next(free, None)
        if lane is None:
            lanes.append(lane := [])
        lane.append(number)
    found = []
    for place, lane in enumerate(lanes):
        for step, number in enumerate(lane):
            x, name = marks[number]
            end = marks[lane[step + 1]][0] - percent(MARK / 2) if step + 1 < len(lane) else 100.0
            label = short(name)
            found.append(Placed(number, x, place, label if x + percent(BESIDE) + width(label) <= end else None))
    return tuple(sorted(found, key=lambda mark: (mark.x, mark.lane)))
