"""Which way a figure went between two days, as it is read out: a word beside two equal numbers would be a riddle."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from portfolio.kpis.declare import Kpi
from portfolio.kpis.thresholds import Direction
from webapp.queries.columns import shown_unit
from webapp.words import amount


class Turn(StrEnum):
    """What a move means to the project."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"


@dataclass(frozen=True)
class Move:
    """From one value to another: `up` tells the arrow, `turn` the word."""

    then: float
    now: float
    turn: Turn

    @property
    def up(self) -> bool:
        return self.now > self.then


def move(kpi: Kpi, then: float | None, now: float | None, *, counted: bool = False) -> Move | None:
    """The move of a KPI; None where one of the two values is not known. `counted`: they are how many, not the share."""
    if then is None or now is None:
        return None
    unit = shown_unit(kpi, counted=counted)
    before, after = _distance(kpi, then), _distance(kpi, now)
    if after == before or amount(then, unit) == amount(now, unit):
        return Move(then, now, Turn.SAME)
    return Move(then, now, Turn.BETTER if after < before else Turn.WORSE)


def _distance(kpi: Kpi, value: float) -> float:
    """How far a value is from what is good, on a scale of its own: the smaller the better."""
    if kpi.direction is Direction.HIGHER:
        return -value
    if kpi.direction is Direction.LOWER or kpi.thresholds is None:
        return value
    low, _, high = kpi.thresholds.green.partition("..")
    return max(0.0, float(Fraction(low)) - value, value - float(Fraction(high)))
