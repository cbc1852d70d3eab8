"""Load as a heat map: carriers or groups of them by day, week or month, what each is to do beside what it can."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from portfolio.resources.capacity import NOTHING, Hours, Numbers
from portfolio.resources.groups import Share
from portfolio.resources.load import OVER_DAYS, Load, by_period
from portfolio.resources.memo import Change
from portfolio.resources.periods import Periods
from portfolio.resources.plan import Plan, portions

LIMITS = (0.4, 0.6, 0.9)
"""From which load on somebody is no more under-used, low, and fully used. Source: practice default."""


COLUMNS = ("capacity", "hard", "soft", "over", "over_days")


class Level(StrEnum):
    """How load compares with capacity. over: more than can be done, in the whole period or on two days of it; off:
    nothing is to be done and nothing can be."""

    UNDER = "under"
    LOW = "low"
    OK = "ok"
    FULL = "full"
    OVER = "over"
    OFF = "off"


@dataclass(frozen=True)
class Cell:
    """A period of a row, in hours: capacity, firm and proposed load, and by how much single days are over, of which
    there are `over_days`. `load` is None without capacity."""

    capacity: float
    hard: float
    soft: float
    over: float
    over_days: int

    @property
    def load(self) -> float | None:
        return self.hard / self.capacity if self.capacity > NOTHING else None

    @property
    def level(self) -> Level:
        if self.hard > self.capacity + NOTHING or self.over_days >= OVER_DAYS:
            return Level.OVER
        if self.load is None:
            return Level.OFF
        under, low, ok = (self.load >= limit for limit in LIMITS)
        return Level.FULL if ok else Level.OK if low else Level.LOW if under else Level.UNDER


@dataclass(frozen=True)
class HeatMap:
    """Hours by row and period. A row is a carrier of the plan, in its order, or a group."""

    periods: Periods
    capacity: Hours
    hard: Hours
    soft: Hours
    over: Hours
    over_days: Hours

    def changed(self, change: Change, touched: HeatMap) -> HeatMap:
        """The map with other rows in place of those that are touched."""
        columns = ((getattr(it, name) for it in (self, touched)) for name in COLUMNS)
        return HeatMap(self.periods, *(change.mended(*both) for both in columns))

    def cells(self, row: int) -> tuple[Cell, ...]:
        """The periods of one row."""
        columns = (it[row].tolist() for it in (self.capacity, self.hard, self.soft, self.over))
        days = (round(it) for it in self.over_days[row].tolist())
        return tuple(Cell(*period) for period in zip(*columns, days, strict=True))

    @cached_property
    def too_much(self) -> Hours:
        """By how many hours each row is over in all periods."""
        hours: Hours = self.over.sum(axis=1)
        return hours

    @cached_property
    def over_in(self) -> NDArray[np.bool_]:
        """Which rows are over in which periods."""
        over: NDArray[np.bool_] = (self.hard > self.capacity + NOTHING) | (self.over_days >= OVER_DAYS)
        return over

    @cached_property
    def is_over(self) -> NDArray[np.bool_]:
        """Which rows are over in some period."""
        over: NDArray[np.bool_] = np.logical_or.reduce(self.over_in, axis=1)
        return over

    def grouped(self, groups: Sequence[Mapping[int, Share]]) -> HeatMap:
        """The map of groups: shares of carriers by their places, added up; several shares of one are those of the
        periods. A group has too much where it has in sum: that single members do is theirs to tell."""
        shares = np.zeros((len(groups), len(self.hard)))
        changing: list[tuple[int, int, tuple[float, ...]]] = []
        for row, members in enumerate(groups):
            for place, share in members.items():
                if isinstance(share, tuple):
                    changing.append((row, place, share))
                else:
                    shares[row, place] = share
        capacity, hard, soft = (shares @ it for it in (self.capacity, self.hard, self.soft))
        for row, place, each in changing:
            for grouped, own in ((capacity, self.capacity), (hard, self.hard), (soft, self.soft)):
                grouped[row] += np.array(each) * own[place]
        over = np.maximum(hard - capacity, 0.0)
        return HeatMap(self.periods, capacity, hard, soft, over, np.zeros_like(over))

    def fewest(self, groups: Sequence[Collection[int]]) -> list[int]:
        """How many persons the hours of each group are of, in the period in which that are the fewest: those who can
        work in it, or, where nobody can, those who have something to do. Of periods without either nothing is told."""
        able, busy = self.capacity > NOTHING, (self.hard > NOTHING) | (self.soft > NOTHING)
        counts = (
            np.where(some.any(axis=0), some.sum(axis=0), idle.sum(axis=0))
            for some, idle in ((able[list(members)], busy[list(members)]) for members in groups)
        )
        return [int(each[each > 0].min()) if each.any() else 0 for each in counts]


def heat_map(plan: Plan, periods: Periods) -> HeatMap:
    """The heat map of all carriers of the plan."""

    def mend(before: HeatMap, change: Change) -> HeatMap:
        return before.changed(change, _of_some(plan, change.touched, periods))

    return plan.memo.by_row(periods, lambda: _of_some(plan, plan.carriers, periods), mend)


def _of_some(plan: Plan, carriers: Numbers, periods: Periods) -> HeatMap:
    days = periods.days[0], periods.last
    parts = [of_load(plan.load_of(some, *days), periods) for some in portions(carriers)]
    return HeatMap(periods, *(np.concatenate([getattr(it, name) for it in parts]) for name in COLUMNS))


def of_load(load: Load, periods: Periods) -> HeatMap:
    """The heat map of a load on the days of these periods."""
    over = load.over
    parts = (load.capacity, load.hard, load.soft, over, (over > 0).astype(np.float64))
    return HeatMap(periods, *(by_period(it, periods.starts) for it in parts))
