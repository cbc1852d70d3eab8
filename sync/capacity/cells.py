"""What stands in the cells of tables of capacity, read into values; each says what is wrong with which column."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from portfolio.faults import Fault, Faults
from portfolio.resources.hours import HoursError, read_hours
from sync.errors import PersonDecisionError
from sync.identities.roster import read_share

LONGEST = 100
FIRST_YEAR, LAST_YEAR = 1900, 2200


class Cells(dict[str, str]):
    """The cells of a row by their column, and what is wrong with them, gathered while the row is read to its end. A
    cell that is wrong is read as something that has no fault of its own; nothing of such a row is taken in."""

    def __init__(self, told: Mapping[str, str]) -> None:
        super().__init__(told)
        self.faults = Faults()

    def wrong(self, column: str, message: str) -> None:
        """Say what is wrong with a cell, for whoever mends the file."""
        self.faults.append(Fault(column, message))


def day(row: Cells, column: str) -> date:
    """A day that has to be told."""
    found = day_or_none(row, column)
    if found is None and not row.get(column):
        row.wrong(column, "It takes a day such as 2026-03-14.")
    return found or date.min


def day_or_none(row: Cells, column: str) -> date | None:
    """A day, or nothing."""
    text = row.get(column, "")
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if FIRST_YEAR <= found.year <= LAST_YEAR and found.isoformat() == text:
        return found
    row.wrong(column, f"{text[:40]!r} is no day. Write it like 2026-03-14, from {FIRST_YEAR} to {LAST_YEAR}.")
    return None


def span(row: Cells, first: str, last: str) -> tuple[date, date]:
    """Two days, both included."""
    start, end = day(row, first), day(row, last)
    if date.min in (start, end):
        return (end if start == date.min else start), (date.max if end == date.min else end)
    if end < start:
        row.wrong(last, f"It ends on {end} before it starts on {start}.")
    return start, end


def share(row: Cells, column: str, least: Decimal, most: Decimal, usual: Decimal | None = None) -> Decimal:
    """A share such as 0.8 or 80%, within bounds; `usual` where nothing is told, if that will do."""
    text = row.get(column, "")
    if not text and usual is not None:
        return usual
    try:
        found = read_share(text)
    except PersonDecisionError as error:
        row.wrong(column, str(error))
        return least
    if not least <= found <= most:
        row.wrong(column, f"{text[:40]!r} is not from {least} to {most}.")
    return found


def level(row: Cells, column: str) -> int:
    """A level of a skill: 1 to 5, or 0 for none."""
    text = row.get(column, "")
    if text not in {"0", "1", "2", "3", "4", "5"}:
        row.wrong(column, f"{text[:40]!r} is no level. It is 1 (learning) to 5 (teaches it); 0: no more.")
        return 0
    return int(text)


def text(row: Cells, column: str) -> str:
    """A name: one line of characters that can be seen."""
    found = " ".join(row.get(column, "").split())
    if not found or len(found) > LONGEST:
        row.wrong(column, f"It takes 1 to {LONGEST} characters.")
    elif not found.isprintable():
        row.wrong(column, "It holds a character that cannot be seen. Type it anew.")
    return found


def hours(row: Cells, column: str) -> str | None:
    """The hours of a week, or nothing."""
    try:
        return read_hours(row.get(column, ""))
    except HoursError as error:
        row.wrong(column, str(error))
        return None
