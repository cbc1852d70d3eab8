"""Planned value over time: weights spread evenly over the working days of their lines, added up.

Exact and in whole numbers: values are kept in parts of `scale`, a common multiple of all durations. Weights are of any
unit; times a rate they are money. It knows nothing of what was earned.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from math import lcm
from typing import NamedTuple

from portfolio.calendar import WorkCalendar


class PlanLine(NamedTuple):
    """Work planned from `start` to `finish`, both included, and its weight."""

    start: date
    finish: date
    weight: int


class Knot(NamedTuple):
    """A day at whose end the curve bends, by its ordinal: working days up to it, and the value in parts of the scale.

    Days off may lie between two knots that have the same number of working days.
    """

    day: int
    workdays: int
    value: int


@dataclass(frozen=True)
class Curve:
    """What should be done by the end of each day. Empty without any line."""

    knots: tuple[Knot, ...] = ()
    scale: int = 1

    @property
    def start(self) -> date:
        """The first planned day. Of an empty curve there is none: ValueError."""
        return date.fromordinal(self._ends()[0].day + 1)

    @property
    def finish(self) -> date:
        """The last planned day; as `start`."""
        return date.fromordinal(self._ends()[1].day)

    def _ends(self) -> tuple[Knot, Knot]:
        if not self.knots:
            raise ValueError("nothing is planned")
        return self.knots[0], self.knots[-1]

    @property
    def total(self) -> Fraction:
        """All that is planned."""
        return Fraction(self.knots[-1].value, self.scale) if self.knots else Fraction(0)

    def at(self, day: date, calendar: WorkCalendar) -> Fraction:
        """The weight that should be done by the end of the day."""
        place = bisect_right(self.knots, day.toordinal(), key=lambda knot: knot.day)
        if place == 0:
            return Fraction(0)
        if place == len(self.knots):
            return self.total
        before, after = self.knots[place - 1], self.knots[place]
        days = after.workdays - before.workdays
        gone = calendar.workdays(date.fromordinal(before.day + 1), day) if days else 0
        return (before.value + Fraction((after.value - before.value) * gone, days or 1)) / self.scale


class Curves:
    """Makes the curves of many plans on one calendar."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self._upto = cache(lambda day: calendar.workdays(date.min, date.fromordinal(day)) if day > 0 else 0)

    def of(self, lines: Iterable[PlanLine]) -> Curve:
        """The curve of these lines. A line whose days are all off is due at once on its finish."""
        upto = self._upto
        spans = [(line.start.toordinal() - 1, line.finish.toordinal(), line.weight) for line in lines]
        scale = lcm(*{upto(finish) - upto(before) or 1 for before, finish, _ in spans})
        slopes: dict[int, int] = defaultdict(int)
        jumps: dict[int, int] = {}
        for before, finish, weight in spans:
            days = upto(finish) - upto(before)
            rate = weight * (scale // days) if days else 0
            slopes[before] += rate
            slopes[finish] -= rate
            if not days:
                jumps[finish] = jumps.get(finish, 0) + weight * scale
                slopes[finish - 1] += 0
        knots: list[Knot] = []
        value = slope = reached = 0
        for day in sorted(slopes):
            value += slope * (upto(day) - reached) + jumps.get(day, 0)
            slope, reached = slope + slopes[day], upto(day)
            knots.append(Knot(day, reached, value))
        return Curve(tuple(knots), scale)
