"""What the worked example of earned value says, held against readings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portfolio.kpis.reading import Rag, Reading

EXACT = 1e-6
day_in = date.fromisoformat


def part(reading: Reading, symbol: str) -> float:
    [found] = [each.value for each in reading.parts if each.symbol == symbol]
    assert not isinstance(found, date)
    return float(found)


def check_example(readings: dict[str, Reading], expected: dict[str, Any], method: str) -> None:
    """All that the worked example says of a method."""
    variance = readings["SCH-02"]
    assert part(variance, "EV") == pytest.approx(expected["EV"][method], abs=EXACT)
    assert part(variance, "PV") == pytest.approx(expected["PV"], abs=EXACT)
    assert part(readings["CST-01"], "AC") == pytest.approx(expected["AC"], abs=EXACT)
    assert part(readings["CST-03"], "BAC") == pytest.approx(expected["BAC"], abs=EXACT)
    assert variance.reason is None
    assert float(readings["SCP-01"].value or 0) == pytest.approx(expected["scope_creep"]["rate"], abs=EXACT)
    assert part(readings["SCP-01"], "unapproved") == expected["scope_creep"]["unapproved_h"]
    slips = expected["milestone_slip_workdays"]
    assert float(readings["SCH-07"].value or 0) == pytest.approx(slips["mean"], abs=EXACT)
    assert readings["SCH-07-MAX"].value == max(slips["M1"], slips["M2"])
    assert readings["SCH-07-SLIPPED"].value == 1
    if method != "time_ratio":
        return
    figures, told = (
        {
            "SPI": "SCH-01", "SV": "SCH-02", "ES_weeks": "SCH-03", "SPI_t": "SCH-04", "SV_t_weeks": "SCH-04-SV",
            "TSPI": "SCH-06", "CPI": "CST-01", "CV": "CST-02", "EAC_cpi": "CST-03",
            "EAC_budget_rate": "CST-03-ATYPICAL", "EAC_cpi_spi": "CST-03-SCHEDULE", "VAC": "CST-04",
            "ETC": "CST-04-ETC", "TCPI_bac": "CST-05",
        },
        expected["with_time_ratio"],
    )  # fmt: skip
    for name, kpi_id in figures.items():
        assert float(readings[kpi_id].value or 0) == pytest.approx(told[name], abs=EXACT), kpi_id
    assert part(readings["SCH-04"], "AT") == told["AT_weeks"]
    assert part(readings["SCH-05"], "IEAC(t)") == pytest.approx(told["IEAC_t_weeks"], abs=EXACT)
    assert date.fromordinal(int(readings["SCH-05"].value or 0)) == day_in(told["forecast_finish"])
    assert float(readings["SCH-03"].value or 0) * 5 == pytest.approx(told["ES_workdays"], abs=1e-5)
    assert part(variance, "EV") / expected["BAC"] == pytest.approx(told["pct_complete"], abs=EXACT)
    assert part(readings["CST-01"], "AC") / expected["BAC"] == pytest.approx(told["pct_spent"], abs=EXACT)
    eac = part(readings["CST-05"], "EAC")
    index = (expected["BAC"] - part(variance, "EV")) / (eac - expected["AC"])
    assert index == pytest.approx(told["TCPI_eac"], abs=EXACT)
    assert readings["SCP-01"].rag is Rag.AMBER
    assert readings["CST-05"].rag is Rag.RED
