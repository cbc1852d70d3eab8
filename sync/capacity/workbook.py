"""The first sheet of an XLSX workbook as a table of text, read within bounds: a small file may unpack to anything.

A formula is refused: what it last came to need not be what is true now. Times of day are no days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from io import BytesIO
from typing import IO, Any
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook  # type: ignore[import-untyped]  # openpyxl ships no types

from sync.errors import TableError
from sync.identities.sheet import LONGEST_CELL, MOST_ROWS, Sheet

MAGIC = b"PK\x03\x04"
"""How such a file begins."""
MOST_UNPACKED = 64_000_000
MOST_PARTS = 1_000
MOST_COLUMNS = 200
MOST_IN_ROW, MOST_HELD, MOST_IN_ALL = 50_000, 1_000_000, 4_000_000
"""Elements of XML: in a row of a sheet, and elsewhere in all."""
_BLANK_ROWS = 20_000


def read_workbook(body: bytes) -> Sheet:
    """The first sheet, its first row as the head; empty rows are left out. Raises `TableError`."""
    try:
        _check_size(body)
        book = load_workbook(BytesIO(body), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        # What the file says of its own size may be wrong, and openpyxl would believe it.
        sheet.reset_dimensions()
        head, rows, lines = _rows(sheet.iter_rows(max_col=MOST_COLUMNS))
    except TableError:
        raise
    except BadZipFile as error:
        raise TableError(f"the file is no XLSX workbook: {str(error)[:100]}. Save it as XLSX or CSV.") from error
    except Exception as error:  # openpyxl raises whatever it stumbles over
        raise TableError(f"the workbook cannot be read ({type(error).__name__}). Save it anew, or as CSV.") from error
    if not rows:
        raise TableError("the first sheet has no rows. It takes a row of headings first.")
    return Sheet(head, tuple(rows), tuple(lines))


def _check_size(body: bytes) -> None:
    """Raises `TableError` where reading would take too much, or where the XML declares entities."""
    with ZipFile(BytesIO(body)) as parts:
        members = parts.infolist()
        # A part cannot be longer than it says: reading stops there.
        if len(members) > MOST_PARTS or sum(part.file_size for part in members) > MOST_UNPACKED:
            raise TableError(f"the workbook unpacks to more than {MOST_UNPACKED // 1_000_000} MB. Split it.")
        counted = _Elements()
        for part in members:
            with parts.open(part) as stream:
                counted.read(stream)


class _Elements:
    """What of a workbook has to be held in memory at once, counted before it is: the rows of sheets are read one after
    the other, and of everything else all there is; and all of it, which takes its time. Raises `TableError` for too
    much, and for a document type, which may declare entities."""

    def __init__(self) -> None:
        self._held = self._all = 0
        self._in_row: int | None = None
        self._root = ""

    def read(self, part: IO[bytes]) -> None:
        """Count those of a part. What is no XML, such as a picture, has none; nor is it read beyond what breaks it."""
        self._in_row, self._root = None, ""
        parser = ParserCreate(namespace_separator="}")
        parser.StartElementHandler, parser.StartDoctypeDeclHandler = self._begins, self._declares
        with suppress(ExpatError):
            parser.ParseFile(part)

    def _begins(self, name: str, _: object) -> None:
        name = name.rpartition("}")[2]
        self._root = self._root or name
        self._all += 1
        if self._all > MOST_IN_ALL:
            raise TableError("the workbook has too many cells in all. Split it, or save it as CSV.")
        if self._root == "worksheet" and name == "row":
            self._in_row = 0
        elif self._in_row is not None:
            self._in_row += 1
            if self._in_row > MOST_IN_ROW:
                raise TableError("the workbook has too many cells in one row. Copy the table alone, or save it as CSV.")
            return
        self._held += 1
        if self._held > MOST_HELD:
            raise TableError("the workbook is made of too many parts. Split it, or save it as CSV.")

    def _declares(self, *_: object) -> None:
        raise TableError("the workbook declares entities, which no spreadsheet does. It is not read.")


def _rows(found: Iterator[Sequence[Any]]) -> tuple[tuple[str, ...], list[tuple[str, ...]], list[int]]:
    head: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = []
    lines = []
    for line, cells in enumerate(found, 1):
        row = tuple(_texts(cells, line))
        if any(row):
            if not head:
                head = _trimmed(row)
                continue
            if any(row[len(head) :]):
                raise TableError(f"line {line} has more cells than the head.")
            rows.append((*row, *[""] * (len(head) - len(row)))[: len(head)])
            lines.append(line)
        if len(rows) > MOST_ROWS or line - len(rows) > _BLANK_ROWS:
            raise TableError(f"the sheet has more than {MOST_ROWS:,} rows, or too many empty ones. Split it.")
    return head, rows, lines


def _trimmed(row: tuple[str, ...]) -> tuple[str, ...]:
    filled = max(place for place, cell in enumerate(row) if cell)
    return row[: filled + 1]


def _texts(cells: Iterable[Any], line: int) -> Iterator[str]:
    for cell in cells:
        if cell.data_type == "f":
            raise TableError(f"line {line} has a formula. Copy the cells and paste them as values.")
        text = _text(cell.value)
        if len(text) > LONGEST_CELL:
            raise TableError(f"line {line} has a cell of more than {LONGEST_CELL} characters.")
        yield text.strip()


def _text(value: Any) -> str:
    """A cell as it would stand in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    return str(value)
