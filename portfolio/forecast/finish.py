"""In how many weeks a backlog will be finished: the Monte Carlo forecast of throughput (bootstrap of past weeks)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from portfolio.forecast.simulate import simulated_weeks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEVER_WEEKS = 260
"""What takes longer counts as never."""

# Multiplications up to which counting all cases is quicker than drawing ten thousand.
_EXACT_UP_TO = 20_000_000
_CERTAIN = 1 - 1e-12
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Finish:
    """`chances[k]` is the probability that the backlog is finished within `k` weeks; it ends where that is certain, or
    with `NEVER_WEEKS`."""

    chances: tuple[float, ...]

    def weeks(self, percent: int) -> int | None:
        """The number of weeks that is enough with this probability (nearest rank); None for never."""
        return next((week for week, chance in enumerate(self.chances) if chance >= percent / 100 - _ROUNDING), None)

    def day(self, as_of: date, percent: int) -> date | None:
        """The day by which it is finished with this probability, from the end of another day on; None for never."""
        weeks = self.weeks(percent)
        return None if weeks is None else as_of + timedelta(weeks=weeks)

    def within(self, weeks: int) -> float:
        """The probability that it is finished within so many weeks; 0 for less than none."""
        return self.chances[min(weeks, len(self.chances) - 1)] if weeks >= 0 else 0.0


def finish(sample: Sequence[int], backlog: int) -> Finish:
    """When `backlog` items will be finished at the pace of the sample, one number of items a week.

    Raises ValueError for a sample in which nothing was finished: it tells nothing.
    """
    if not any(sample):
        raise ValueError("no forecast from weeks in which nothing was finished")
    # The order of the weeks does not matter, and memory should know that.
    return _finish(tuple(sorted(sample)), backlog)


@lru_cache(maxsize=4096)
def _finish(sample: tuple[int, ...], backlog: int) -> Finish:
    if backlog > NEVER_WEEKS * sample[-1]:
        return Finish((0.0,) * (NEVER_WEEKS + 1))
    weeks = min(NEVER_WEEKS, backlog * len(sample) / sum(sample))
    if backlog * min(sample[-1] + 1, backlog) * weeks > _EXACT_UP_TO:
        return Finish(_cumulated(simulated_weeks(sample, backlog, NEVER_WEEKS)))
    return Finish(exact(sample, backlog))


def exact(sample: Sequence[int], backlog: int) -> tuple[float, ...]:
    """The chances of `Finish` by convolution: all that may be left after each week, and how likely each is."""
    import numpy as np

    week = np.bincount(sample) / len(sample)
    # left[d] is the probability that d items are done so far, fewer than the backlog.
    left: NDArray[np.float64] = np.ones(1) if backlog > 0 else np.zeros(0)
    chances = [1.0 - float(left.sum())]
    while chances[-1] < _CERTAIN and len(chances) <= NEVER_WEEKS:
        left = np.convolve(left, week)[:backlog]
        chances.append(1.0 - float(left.sum()))
    return tuple(chances)


def _cumulated(weeks: NDArray[np.int64]) -> tuple[float, ...]:
    """From the number of weeks of each trial (more than `NEVER_WEEKS`: never) to the share finished by each week."""
    import numpy as np

    counted = np.bincount(weeks, minlength=NEVER_WEEKS + 2)[: NEVER_WEEKS + 1]
    shares = np.cumsum(counted) / len(weeks)
    return tuple(float(share) for share in shares[: int(np.searchsorted(shares, 1.0)) + 1])
