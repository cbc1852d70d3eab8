"""Tables as XLSX workbooks in which every text is text: no formula, no link, whatever a tracker sent.

Each text is marked as one typed with an apostrophe before it, so that it stays text when somebody edits its cell. Times
are those of a zone, which the foot of the printed sheet names: a spreadsheet knows no zones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from itertools import islice
from math import isfinite
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # XlsxWriter ships no types
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

Cell = str | int | float | date | datetime | None

MOST_ROWS = 1_048_576
LONGEST_TEXT = 32_767
"""UTF-16 units a cell can hold."""
FIRST_YEAR = 1900
"""Before it a spreadsheet has no days."""
LARGEST_EXACT = 10**15
CUT = "\u2026"
# What XML 1.0 cannot hold, halves of characters included.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def fit(text: str) -> str:
    """The text as a cell can hold it: without illegal characters, and cut where it is too long."""
    text = _ILLEGAL.sub("", text)
    if len(text.encode("utf-16-le")) > 2 * LONGEST_TEXT:
        kept = text.encode("utf-16-le")[: 2 * (LONGEST_TEXT - len(CUT))]
        text = kept.decode("utf-16-le", errors="ignore") + CUT
    # XlsxWriter takes such a text for markup of its own and would write it as it is.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


class _Sheet:
    """A sheet and its formats."""

    def __init__(self, workbook: Workbook, zone: ZoneInfo) -> None:
        self.sheet: Worksheet = workbook.add_worksheet()
        self.zone = zone
        self.text: Format = workbook.add_format({"quote_prefix": True})
        self.bold: Format = workbook.add_format({"quote_prefix": True, "bold": True})
        self.day: Format = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self.instant: Format = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def put(self, row: int, column: int, cell: Cell) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, str):
            self.sheet.write_string(row, column, fit(cell), self.text)
        elif isinstance(cell, date):
            self._put_time(row, column, cell)
        elif isfinite(cell) and abs(cell) < LARGEST_EXACT:
            self.sheet.write_number(row, column, cell)
        else:
            self.sheet.write_string(row, column, repr(cell), self.text)

    def _put_time(self, row: int, column: int, cell: date) -> None:
        there = cell.astimezone(self.zone).replace(tzinfo=None) if isinstance(cell, datetime) else cell
        if there.year < FIRST_YEAR:
            self.sheet.write_string(row, column, cell.isoformat(), self.text)
        else:
            self.sheet.write_datetime(row, column, there, self.instant if isinstance(there, datetime) else self.day)


def workbook(
    head: Sequence[str], rows: Iterable[Sequence[Cell]], zone: ZoneInfo, foot: str, cut: str, most: int = MOST_ROWS
) -> bytes:
    """The table as an XLSX file, its head frozen. What is more than `most` rows is left out, and the last row says
    `cut` instead of it."""
    file = BytesIO()
    with Workbook(file, OPTIONS) as book:
        sheet = _Sheet(book, zone)
        sheet.sheet.freeze_panes(1, 0)
        sheet.sheet.repeat_rows(0)
        sheet.sheet.set_footer("&C" + foot.replace("&", "&&"))
        sheet.sheet.set_column(0, len(head) - 1, 18)
        for column, text in enumerate(head):
            sheet.sheet.write_string(0, column, fit(text), sheet.bold)
        left = iter(rows)
        number = 0
        for number, row in enumerate(islice(left, most - 2), start=1):
            for column, cell in enumerate(row):
                sheet.put(number, column, cell)
        last = list(islice(left, 2))
        for column, cell in enumerate(last[0] if len(last) == 1 else [cut] if last else []):
            sheet.put(number + 1, column, cell)
    return file.getvalue()
