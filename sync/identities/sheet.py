"""A table of people as a file: bytes into rows of text, and back. What a cell means is not known here."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from io import StringIO
from typing import NamedTuple

from sync.errors import TableError

MOST_ROWS = 200_000
LONGEST_CELL = 10_000


class Sheet(NamedTuple):
    """The head and the rows of a file; rows are as long as the head. `lines` are where each began."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]


def read_sheet(body: bytes, bare: Callable[[str], str]) -> Sheet:
    """The file as a table, whatever of the usual encodings and separators it has; empty rows are left out.

    `bare` takes off what a cell was given so that a spreadsheet does not run it. Raises `TableError` for what
    is no table.
    """
    text = _decoded(body)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    head: tuple[str, ...] = ()
    rows, lines = [], []
    try:
        for cells in reader:
            row = tuple(bare(cell).strip() for cell in cells)
            if not any(row):
                continue
            if not head:
                head = row
                continue
            if len(row) > len(head) and any(row[len(head) :]):
                raise TableError(f"line {reader.line_num} has more cells than the head. Mind the quotes.")
            if any(len(cell) > LONGEST_CELL for cell in row):
                raise TableError(f"line {reader.line_num} has a cell of more than {LONGEST_CELL} characters.")
            rows.append((*row, *[""] * (len(head) - len(row)))[: len(head)])
            lines.append(reader.line_num)
    except csv.Error as error:
        raise TableError(f"line {reader.line_num} is no row of a CSV file: {error}.") from error
    if not rows:
        raise TableError("the file has no rows. It takes CSV with a row of headings first.")
    if len(rows) > MOST_ROWS:
        raise TableError(f"the file has more than {MOST_ROWS:,} rows. Split it.")
    return Sheet(head, tuple(rows), tuple(lines))


def _decoded(body: bytes) -> str:
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: Sequence[str] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise TableError("the file is no text. Save it as CSV, in UTF-8.")
