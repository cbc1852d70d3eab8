"""The state of a table as it stands in the URL: order, filters, page. A link with it shows the same table again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

LONGEST_TEXT = 100


@dataclass(frozen=True)
class Order:
    """The column a table is sorted by and the direction."""

    column: str
    down: bool = False

    @property
    def text(self) -> str:
        return f"-{self.column}" if self.down else self.column

    def next(self, column: str, *, down: bool = False) -> str:
        """The order a click on the head of `column` asks for: turn round the current one, or start with `down`."""
        return Order(column, down=not self.down if column == self.column else down).text

    def aria(self, column: str) -> str:
        """The `aria-sort` of the head of `column`."""
        if column != self.column:
            return "none"
        return "descending" if self.down else "ascending"


def read_order(arguments: Mapping[str, str], columns: Collection[str], default: str) -> Order:
    """The order in the URL, or the default one when it names no column of the table."""
    asked = arguments.get("sort", default)
    if asked.removeprefix("-") not in columns:
        asked = default
    return Order(asked.removeprefix("-"), down=asked.startswith("-"))


def read_id(arguments: Mapping[str, str], name: str) -> int | None:
    """A row id in the URL; None when absent or not one."""
    text = arguments.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def read_day(arguments: Mapping[str, str], name: str) -> date | None:
    """A day in the URL, written 2026-03-14; None when absent or not one."""
    try:
        return date.fromisoformat(arguments.get(name, ""))
    except ValueError:
        return None


def read_choice(arguments: Mapping[str, str], name: str, choices: Collection[str]) -> str | None:
    """One of the choices, or None."""
    text = arguments.get(name, "")
    return text if text in choices else None


def read_text(arguments: Mapping[str, str], name: str, longest: int = LONGEST_TEXT) -> str:
    """Free text to search for, trimmed and cut."""
    return arguments.get(name, "").strip()[:longest]


PAGE_SIZES = (50, 100, 200, 500)
"""Rows of a page, where the reader may say how many."""


def read_page_size(arguments: Mapping[str, str]) -> int:
    """The rows of a page: so many as are asked for, or the next larger number there is."""
    asked = read_id(arguments, "size") or PAGE_SIZES[0]
    return next((size for size in PAGE_SIZES if size >= asked), PAGE_SIZES[-1])


@dataclass(frozen=True)
class Paging:
    """One page of a long list. `number` counts from 1."""

    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        return min((self.number - 1) * self.size + 1, self.total)

    @property
    def last_row(self) -> int:
        return min(self.number * self.size, self.total)

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


def paging(number: int, total: int, size: int) -> Paging:
    """The page of this number, kept within those there are."""
    last = max(1, -(-total // size))
    return Paging(min(max(number, 1), last), size, total)


def read_paging(arguments: Mapping[str, str], total: int, size: int) -> Paging:
    """The page asked for, kept within those there are."""
    return paging(read_id(arguments, "page") or 1, total, size)
