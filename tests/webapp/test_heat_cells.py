"""Cells that read alike are made once, and none is made for another that reads differently."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from flask import Flask, get_template_attribute
from numpy.typing import NDArray

from portfolio.resources.heat import Cell, HeatMap
from portfolio.resources.periods import weeks_from
from webapp.heat_cells import heat_cells

WEEKS = 26


def some_map(rows: int) -> HeatMap:
    """Hours around what makes a difference: nothing, a tenth, each limit of a level, no capacity."""
    chance = np.random.default_rng(7)

    def pick(*choices: float) -> NDArray[np.float64]:
        return chance.choice(choices, (rows, WEEKS))

    capacity = pick(0, 0, 8, 16, 31.96, 32)
    load = pick(0, 0.3996, 0.4, 0.5949, 0.5951, 0.6, 0.8999, 0.9, 1, 1.004, 1.3)
    hard = np.where(capacity > 0, capacity * load, pick(0, 3.04, 3.06))
    over, days = np.maximum(hard - capacity, pick(0, 0, 2.5)), pick(0, 1, 2, 5)
    return HeatMap(weeks_from(date(2026, 3, 2), WEEKS), capacity, hard, pick(0, 0.01, 4), over, days)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_cells_made_once_for_all_that_read_alike_read_as_each_by_itself(app: Flask) -> None:
    found, asked = some_map(40), 0

    def cell(it: Cell) -> str:
        nonlocal asked
        asked += 1
        return str(macro(it))

    with app.test_request_context():
        macro = get_template_attribute("load_parts.html", "cell")
        told = heat_cells(cell, found, [7, 3, *range(10, 40)])
        assert list(told) == [7, 3, *range(10, 40)]
        for row, cells in told.items():
            assert list(cells) == [str(macro(it)) for it in found.cells(row)]
    assert asked < 32 * WEEKS
