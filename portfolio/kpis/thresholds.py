"""From a value to a colour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache

from portfolio.kpis.reading import Rag


class Direction(StrEnum):
    """Which way is better. BAND: neither, it should lie between two limits."""

    HIGHER = "+"
    LOWER = "-"
    BAND = "band"


@dataclass(frozen=True)
class Thresholds:
    """The limits of green and amber, as decimal text so that .95 is exactly .95. A limit itself still counts as met.

    Of a band a limit is two numbers, "0.9..1.1". Raises ValueError for text that is no limit, and where amber is
    narrower than green.
    """

    direction: Direction
    green: str
    amber: str

    def __post_init__(self) -> None:
        (low, high), (outer_low, outer_high) = _span(self.direction, self.green), _span(self.direction, self.amber)
        if outer_low > low or outer_high < high:
            raise ValueError(f"amber ({self.amber}) must reach beyond green ({self.green})")

    def rag(self, value: Fraction | None) -> Rag:
        """The colour of a value; grey for none. Compares exact numbers, before any rounding."""
        if value is None:
            return Rag.GREY
        for colour, limit in ((Rag.GREEN, self.green), (Rag.AMBER, self.amber)):
            low, high = _span(self.direction, limit)
            if low <= value <= high:
                return colour
        return Rag.RED


@cache
def _span(direction: Direction, limit: str) -> tuple[Fraction | float, Fraction | float]:
    """The values that meet a limit, from one to another."""
    match direction:
        case Direction.HIGHER:
            return Fraction(limit), float("inf")
        case Direction.LOWER:
            return float("-inf"), Fraction(limit)
        case Direction.BAND:
            low, _, high = limit.partition("..")
            return Fraction(low), Fraction(high)
