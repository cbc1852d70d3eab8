"""Files of money as rows: read from CSV, with what is wrong in which line."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import NamedTuple

from portfolio.overlay.fields import Field, Type
from portfolio.overlay.files import MOST_ROWS
from portfolio.overlay.text import OverlayError, read_text

_MONEY, _DAY = Field("amount", "Amount", Type.MONEY), Field("day", "Day", Type.DAY)


class Fault(NamedTuple):
    """What is wrong in a line of a file, counted from 1 as spreadsheets do."""

    line: int
    message: str


class MoneyFileError(Exception):
    """Nothing of the file was taken in. `faults` say why."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(" ".join(f"Line {fault.line}: {fault.message}" for fault in faults[:5]))
        self.faults = faults


class Line(NamedTuple):
    """One line: its number, and its cells by heading."""

    number: int
    cells: Mapping[str, str]

    def text(self, name: str) -> str:
        """The cell, without what surrounds it; empty where there is none."""
        return self.cells.get(name, "").strip()

    def day(self, name: str) -> date | None:
        """The day in the cell; None where it is empty. Raises `OverlayError`."""
        typed = self.text(name)
        return date.fromisoformat(read_text(_DAY, typed)) if typed else None

    def amount(self) -> tuple[Decimal, str]:
        """The amount with its currency, from two columns or one. Raises `OverlayError`."""
        amount, _, currency = read_text(_MONEY, f"{self.text('amount')} {self.text('currency')}").partition(" ")
        return Decimal(amount), currency


def lines_of(content: str, needed: Collection[str], bare: Callable[[str], str]) -> tuple[Line, ...]:
    """The lines that hold anything. `bare` is that of `portfolio.overlay.files.read_rows`. Raises `MoneyFileError`."""
    text = content.lstrip("\ufeff")
    first = text.partition("\n")[0]
    try:
        reader = csv.reader(StringIO(text, newline=""), strict=True, delimiter=";" if first.count(";") else ",")
        head = [cell.strip().casefold() for cell in next(reader, [])]
        missing = sorted(set(needed) - set(head))
        if missing:
            raise MoneyFileError((Fault(1, f"There is no column {', '.join(missing)}."),))
        found = [Line(reader.line_num, dict(zip(head, map(bare, cells), strict=False))) for cells in reader]
    except csv.Error as error:
        raise MoneyFileError((Fault(1, f"The file is no CSV: {error}. Save it as CSV (UTF-8)."),)) from error
    if len(found) > MOST_ROWS:
        raise MoneyFileError((Fault(MOST_ROWS, f"The file has more than {MOST_ROWS} rows. Split it."),))
    return tuple(line for line in found if any(cell.strip() for cell in line.cells.values()))


def fault_of(line: Line, error: OverlayError) -> Fault:
    """What was wrong with a cell, by the line it stands in."""
    return Fault(line.number, error.message)
