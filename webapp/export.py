"""Tables as CSV files that a spreadsheet opens without running anything.

A cell that a spreadsheet would read as a formula gets an apostrophe in front (OWASP, "CSV Injection"); plain numbers
are left alone. UTF-8 with a byte order mark, CRLF, RFC 4180.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import StringIO

from flask import Response

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - spreadsheets fold them

Cell = str | int | float | date | datetime | None


def inert(text: str) -> str:
    """The text, unable to start a formula."""
    return (
        f"'{text}"
        if text.lstrip(" \u00a0\u200b\ufeff\u202a\u202b\u202d\u202e\u2066\u2067\u2068").startswith(FORMULA_STARTS)
        else text
    )


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


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """An answer that downloads as `name`.csv."""
    text = StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([inert(cell) for cell in head])
    writer.writerows([as_text(cell) for cell in row] for row in rows)
    answer = Response(text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
