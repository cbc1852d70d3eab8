"""From a value to a colour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from portfolio.kpis.reading import Rag


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "+"
    LOWER = "-"


@dataclass(frozen=True)
class Thresholds:
    """The limits of green and amber, as decimal text so that .95 is exactly .95. A limit itself still counts as met."""

    direction: Direction
    green: str
    amber: str

    def rag(self, value: Fraction | None) -> Rag:
        """The colour of a value; grey for none. Compares exact numbers, before any rounding."""
        if value is None:
            return Rag.GREY
        sign = 1 if self.direction is Direction.HIGHER else -1
        if sign * value >= sign * Fraction(self.green):
            return Rag.GREEN
        if sign * value >= sign * Fraction(self.amber):
            return Rag.AMBER
        return Rag.RED
