"""Which days, weeks or months a page of load shows, as its address says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from portfolio.resources.periods import MOST, Columns, Periods, periods_from
from webapp.tables import read_choice, read_id

USUAL: Mapping[Columns, int] = {Columns.DAY: 14, Columns.WEEK: 6, Columns.MONTH: 6}
"""How many columns are shown that nobody asked for."""


def read_weeks(arguments: Mapping[str, str], day: date, usual: int = USUAL[Columns.WEEK]) -> Periods:
    """So many weeks as are asked for (`number`), from the day on; kept within how many there may be."""
    return _periods(arguments, day, Columns.WEEK, usual)


def read_periods(arguments: Mapping[str, str], day: date, usual: Columns = Columns.WEEK) -> Periods:
    """The columns asked for (`columns`, `number`), from the day on; weeks unless
    the page is usually of something else. Kept within how many there may be."""
    columns = Columns(read_choice(arguments, "columns", tuple(Columns)) or usual)
    return _periods(arguments, day, columns, USUAL[columns])


def _periods(arguments: Mapping[str, str], day: date, columns: Columns, usual: int) -> Periods:
    number = read_id(arguments, "number") or usual
    return periods_from(day, columns, min(max(number, 1), MOST[columns]))
