"""Overlay values as a table in a file: read from CSV, all or nothing, with an answer for each row.

The first row names the columns: `code` and any of the fields. Other columns, such as those an export adds, are passed
over. An empty cell leaves the field as it is; a single "-" takes back what was entered.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Mapping
from io import StringIO
from typing import NamedTuple

from sqlalchemy import Connection, select

from portfolio.model.structure import Project
from portfolio.overlay.fields import FIELDS
from portfolio.overlay.text import LONGEST

MOST_ROWS = 5_000
CODE = "code"
NOTHING = "-"


class FileError(Exception):
    """The file as a whole cannot be read; the message says why, and what to do."""


class Answer(NamedTuple):
    """What became of a row. `line` counts from 1 as spreadsheets do. `faults` is empty where it is right."""

    line: int
    code: str
    faults: tuple[str, ...]
    fields: tuple[str, ...]


class Row(NamedTuple):
    """A row as it stands in the file."""

    line: int
    code: str
    typed: Mapping[str, str]


def read_rows(content: str, bare: Callable[[str], str]) -> tuple[Row, ...]:
    """The rows with anything to enter. `bare` takes off what an export gave a cell so that a spreadsheet does not run
    it. Raises `FileError`."""
    try:
        lines = csv.reader(StringIO(content.lstrip("\ufeff"), newline=""), strict=True, delimiter=_delimiter(content))
        head = [cell.strip().casefold() for cell in next(lines, [])]
        if CODE not in head:
            raise FileError(f'The first row names no column "{CODE}". Begin with the export, and fill it in.')
        doubled = {name for name in head if name and head.count(name) > 1}
        if doubled:
            raise FileError(f"The column {min(doubled)[:LONGEST]} is there twice. Take one away.")
        rows = []
        for cells in lines:
            row = dict(zip(head, cells, strict=False))
            typed = {name: _cell(row[name].strip(), bare) for name in FIELDS if row.get(name, "").strip()}
            if typed or row.get(CODE, "").strip():
                rows.append(Row(lines.line_num, bare(row.get(CODE, "").strip()), typed))
            if len(rows) > MOST_ROWS:
                raise FileError(f"The file has more than {MOST_ROWS} rows. Split it.")
    except csv.Error as error:
        raise FileError(f"The file is no CSV: {error}. Save it as CSV (UTF-8).") from error
    return tuple(rows)


def _delimiter(content: str) -> str:
    """Spreadsheets of some countries write semicolons."""
    first = content.partition("\n")[0]
    return ";" if first.count(";") > first.count(",") else ","


def _cell(cell: str, bare: Callable[[str], str]) -> str:
    return "" if cell == NOTHING else bare(cell)


def match(
    store: Connection, rows: Collection[Row], enterable: Collection[str]
) -> tuple[dict[int, Row], tuple[Answer, ...]]:
    """The rows by their project, and an answer for each. What nobody may enter and what is there twice is a fault."""
    ids: dict[str, int] = dict(store.execute(select(Project.code, Project.id)).all())
    found: dict[int, Row] = {}
    answers = []
    for row in rows:
        faults = [f"{name}: This is not yours to enter." for name in row.typed if name not in enterable]
        ident = ids.get(row.code)
        if ident is None:
            faults.append("There is no project of that code.")
        elif ident in found:
            faults.append(f"The project stands in row {found[ident].line} already.")
        else:
            found[ident] = row
        answers.append(Answer(row.line, row.code, tuple(faults), tuple(row.typed)))
    return found, tuple(answers)
