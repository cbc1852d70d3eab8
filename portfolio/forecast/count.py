"""How many items will be finished in so many weeks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# Results of a transform are rounded; no probability that counts is as small as this.
_ROUNDING = 1e-9


def at_least(sample: Sequence[int], weeks: int) -> NDArray[np.float64]:
    """The probability of at least m items in `weeks` weeks at the pace of the sample, at place m; exact."""
    return _at_least(tuple(sorted(sample)), weeks)


def count(sample: Sequence[int], weeks: int, percent: int) -> int:
    """The number of items that is reached or passed with this probability: the largest of which that is true."""
    import numpy as np

    return int(np.flatnonzero(at_least(sample, weeks) >= percent / 100 - _ROUNDING)[-1])


@lru_cache(maxsize=4096)
def _at_least(sample: tuple[int, ...], weeks: int) -> NDArray[np.float64]:
    import numpy as np

    week = np.bincount(sample) / len(sample)
    length = weeks * (len(week) - 1) + 1
    # The sum of equal weeks has the week's transform to the power of their number.
    chances = np.fft.irfft(np.fft.rfft(week, 2 * length) ** weeks, 2 * length)[:length]
    return np.cumsum(chances[::-1])[::-1]
