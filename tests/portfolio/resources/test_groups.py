"""Hours of groups: shares of a period count in that period, and one share for all of them as the same in each."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from portfolio.resources.heat import HeatMap
from portfolio.resources.periods import weeks_from

PERIODS = weeks_from(date(2026, 3, 2), 3)
SHARES = st.lists(st.floats(0, 1), min_size=3, max_size=3)


@given(SHARES, st.floats(0, 1))
def test_the_share_of_each_period_counts_in_it(shares: list[float], other: float) -> None:
    hours = np.arange(1.0, 7.0).reshape(2, 3)
    found = HeatMap(PERIODS, 3 * hours, hours, 2 * hours, hours, hours)
    changing = found.grouped([{0: tuple(shares), 1: other}, {}])
    assert not changing.hard[1].any()
    for column, share in enumerate(shares):
        same = found.grouped([{0: share, 1: other}])
        for parts in ((changing.capacity, same.capacity), (changing.hard, same.hard), (changing.soft, same.soft)):
            assert abs(parts[0][0, column] - parts[1][0, column]) < 1e-9
