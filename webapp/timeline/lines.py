"""Lines of dependencies between rows, cut into the pieces that each row draws of them.

A line leaves the row of what is waited for on the day that is due, runs along the edge of that row to the day what
waits is wanted, and goes through the rows between to the row of what waits. So no row needs to know how high another
is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What of a line is in a row."""

    LEAVES = "leaves"
    PASSES = "passes"
    REACHES = "reaches"


@dataclass(frozen=True)
class Line:
    """A line from one row to another, by their numbers; `start` and `end` in percent, `number` is the dependency's."""

    number: int
    origin: int
    target: int
    start: float
    end: float
    broken: bool


@dataclass(frozen=True)
class Piece:
    """What a row draws of the line of that number; `down` where the line goes down through it."""

    number: int
    part: Part
    start: float
    end: float
    down: bool
    broken: bool


def pieces(lines: Iterable[Line], rows: int) -> Sequence[tuple[Piece, ...]]:
    """For each of so many rows the pieces it draws, those of broken dependencies last: they lie on top.

    A line within one row draws nothing.
    """
    found: list[list[Piece]] = [[] for _ in range(rows)]
    for line in lines:
        if line.origin == line.target:
            continue
        down = line.target > line.origin
        step = 1 if down else -1
        for row in range(line.origin, line.target + step, step):
            part = Part.LEAVES if row == line.origin else Part.REACHES if row == line.target else Part.PASSES
            found[row].append(Piece(line.number, part, line.start, line.end, down, line.broken))
    return tuple(tuple(sorted(row, key=lambda piece: piece.broken)) for row in found)
