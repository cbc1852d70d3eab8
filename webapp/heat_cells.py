"""The cells of a heat map as HTML: of those that read alike one is made. A page has thousands, and far fewer kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portfolio.resources.capacity import NOTHING
from portfolio.resources.heat import LIMITS, Cell, HeatMap


def heat_cells(cell: Callable[[Cell], str], found: HeatMap, rows: Sequence[int]) -> Mapping[int, Sequence[str]]:
    """The cells of each of these rows of a map. `cell` is the macro of one cell, which is called once for each kind.

    What reads alike has the same hours to a tenth, whole percentage, days that are too much, and level.
    """
    made: dict[tuple[float, ...], str] = {}
    told = {}
    for row, kinds in zip(rows, _kinds(found, rows).tolist(), strict=True):
        keys = list(map(tuple, kinds))
        if not made.keys() >= set(keys):
            made |= {key: cell(it) for key, it in zip(keys, found.cells(row), strict=True) if key not in made}
        told[row] = [made[key] for key in keys]
    return told


def _kinds(found: HeatMap, rows: Sequence[int]) -> NDArray[Any]:
    """What tells cells apart: by row and period, a line for each."""
    chosen = list(rows)
    capacity, hard, soft, over = (it[chosen] for it in (found.capacity, found.hard, found.soft, found.over))
    load = np.divide(hard, capacity, out=np.full_like(hard, -1.0), where=capacity > NOTHING)
    shown = np.floor(np.stack((10 * capacity, 10 * hard, 10 * soft, 10 * over, 100 * load)) + 0.5)
    apart = np.stack((found.over_days[chosen], found.over_in[chosen], np.digitize(load, LIMITS)))
    return np.moveaxis(np.concatenate((shown, apart)), 0, -1)
