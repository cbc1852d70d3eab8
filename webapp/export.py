"""Tables as files that a spreadsheet opens without running anything: CSV, and XLSX (`webapp.spreadsheet`).

A cell of a CSV file that a spreadsheet would read as a formula gets an apostrophe in front (OWASP, "CSV Injection");
plain numbers are left alone. UTF-8 with a byte order mark, CRLF, RFC 4180.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from io import StringIO

from flask import Response

from webapp import here
from webapp.spreadsheet import Cell, workbook
from webapp.words import say

FORMULA_STARTS = ("=", "+", "-", "@")
MOVES = ("\t", "\r", "\n")
"""What takes a cell's text to another cell where a file is pasted rather than read."""


class Form(StrEnum):
    """The kinds of file, named as their names end."""

    CSV = "csv"
    XLSX = "xlsx"


TYPES = {Form.CSV: "text/csv", Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def inert(text: str) -> str:
    """The text, unable to start a formula, whatever a spreadsheet passes over or folds."""
    return f"'{text}" if text.startswith(MOVES) or _first_seen(text).startswith(FORMULA_STARTS) else text


def bare(text: str) -> str:
    """What `inert` was given, where it gave this; any other text as it is."""
    return text[1:] if text.startswith("'") and inert(text[1:]) == text else text


def _first_seen(text: str) -> str:
    """The first character that is not blank, control or mark of format, a wide or small one as the common one."""
    found = next((each for each in text if unicodedata.category(each)[0] not in "CZ"), "")
    return unicodedata.normalize("NFKC", found)


def as_text(cell: Cell) -> str:
    """The cell as it is written: ISO dates, plain numbers, nothing for None."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, (int, float)):
        return repr(cell)
    return inert(cell)


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The table as the text of a CSV file."""
    text = StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([inert(cell) for cell in head])
    writer.writerows([as_text(cell) for cell in row] for row in rows)
    return text.getvalue()


def file(form: Form, name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """An answer that downloads under the name, ending as its form does."""
    if form is Form.CSV:
        content: str | bytes = csv_text(head, rows)
    else:
        zone = here.zone()
        content = workbook(head, rows, zone, say("times_of", zone.key), say("rows_cut"))
    answer = Response(content, mimetype=TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer
