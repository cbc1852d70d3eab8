"""A worked example of a plan in points, computed by hand; the same plan by items. Day: Wednesday 2026-03-11.

| item | points | planned       | by 03-06 | by 03-11    | earned |
|------|--------|---------------|----------|-------------|--------|
| A    | 5      | 03-02 - 03-06 | 5        | 5           | 5      |
| B    | 3      | 03-02 - 03-13 | 5/10 * 3 | 8/10 * 3    |        |
| C    | 8      | 03-09 - 03-13 |          | 3/5 * 8     |        |
| D    | 2.5    | 03-09 - 03-10 |          | 2.5         | 2.5    |
| all  | 18.5   | 10 days, 2 wk | 6.5      | 14.7        | 7.5    |

SPI 7.5 / 14.7; ES 1 + (7.5 - 6.5) / (18.5 - 6.5) = 13/12 of 8/5 weeks; 2 weeks / SPI(t) = 14.8 days: the 15th, 03-20.
As items: by 03-06 1.5 of 4, by 03-11 3.4, earned 2; ES 1 + .5 / 2.5 = 6/5; 2 / .75 weeks = 13.3 days: the 14th, 03-19.
On 03-10 E comes with 4 points, and C becomes 13.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction as F

from portfolio.kpis.reading import Reading, Reason

TAKEN, CHANGED, STATUS = date(2026, 2, 27), date(2026, 3, 10), date(2026, 3, 11)
ITEMS: Mapping[str, tuple[float, str, str]] = {
    "A": (5, "2026-03-02", "2026-03-06"),
    "B": (3, "2026-03-02", "2026-03-13"),
    "C": (8, "2026-03-09", "2026-03-13"),
    "D": (2.5, "2026-03-09", "2026-03-10"),
}
FINISH = "SCH-05"
EXPECTED: Mapping[str, Mapping[str, F | date]] = {
    "points": {
        "SCH-01": F(75, 147),
        "SCH-03": F(13, 12),
        "SCH-04": F(65, 96),
        "SCH-04-SV": F(-31, 60),
        "SCH-06": F(55, 24),
        "SCP-01": F(8, 37),
        "SCP-03": F(2, 4),
        FINISH: date(2026, 3, 20),
    },
    "items": {
        "SCH-01": F(20, 34),
        "SCH-03": F(6, 5),
        "SCH-04": F(3, 4),
        "SCH-04-SV": F(-2, 5),
        "SCH-06": F(2),
        "SCP-01": F(1, 4),
        "SCP-03": F(1, 4),
        FINISH: date(2026, 3, 19),
    },
}
PARTS: Mapping[str, Mapping[str, F]] = {
    "points": {"EV": F(15, 2), "PV": F(147, 10)},
    "items": {"EV": F(2), "PV": F(17, 5)},
}
SYMBOL = {"points": "pts", "items": "n"}


def told(unit: str) -> dict[str, F]:
    """What each KPI says, a date as its ordinal number."""
    return {kpi: F(it.toordinal()) if isinstance(it, date) else it for kpi, it in EXPECTED[unit].items()}


def check(readings: Mapping[str, Reading], unit: str) -> None:
    """All that the example says, and that no money and no sum is made of it."""
    assert {kpi: readings[kpi].value for kpi in EXPECTED[unit]} == told(unit)
    spi = readings["SCH-01"]
    assert {(it.symbol, it.value, it.unit) for it in spi.parts} == {
        (symbol, value, SYMBOL[unit]) for symbol, value in PARTS[unit].items()
    }
    assert (spi.numerator, spi.denominator, spi.reason) == (None, None, None)
    assert {it.unit for it in readings["SCP-01"].parts} == {SYMBOL[unit]}
    assert (readings["SCH-02"].value, readings["SCH-02"].reason) == (None, Reason.NOT_IN_HOURS)
