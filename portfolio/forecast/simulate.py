"""Ten thousand trials of how a backlog is worked off, for forecasts too large to count all cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


TRIALS = 10_000
# Weeks of all trials that are drawn at once: what bounds the memory.
_AT_ONCE = 64


def simulated_weeks(sample: Sequence[int], backlog: int, most: int, trials: int = TRIALS) -> NDArray[np.int64]:
    """In how many weeks each trial finished the backlog; `most + 1` for those that did not within `most`.

    The seed is made of sample and backlog: who asks the same is told the same.
    """
    import numpy as np

    draw = np.random.Generator(np.random.PCG64(crc32(repr((tuple(sample), backlog)).encode())))
    values = np.asarray(sample, dtype=np.int64)
    weeks = np.full(trials, most + 1, dtype=np.int64)
    running, done = np.arange(trials), np.zeros(trials, dtype=np.int64)
    if backlog <= 0:
        return np.zeros(trials, dtype=np.int64)
    for first in range(0, most, _AT_ONCE):
        length = min(_AT_ONCE, most - first)
        picks = draw.integers(0, len(values), size=(len(running), length), dtype=np.uint8)
        sums = np.cumsum(values[picks], axis=1) + done[:, None]
        reached = sums[:, -1] >= backlog
        weeks[running[reached]] = first + 1 + (sums[reached] < backlog).sum(axis=1)
        running, done = running[~reached], sums[~reached, -1]
        if not len(running):
            break
    return weeks
