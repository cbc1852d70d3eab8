"""How commands speak: tables for people, one JSON document for programs, notes on standard error.

Much of what is printed was written in a tracker. A terminal obeys control characters, so none of them gets through.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")

# C0 (but for tab and newline), delete and C1; what turns the direction of writing round; halves of characters.
_ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """The text with every control character written out (\\x1b): tabs and newlines stay."""
    return _ORDERS.sub(lambda found: f"\\x{ord(found[0]):02x}" if found[0] < "\u0100" else _escape(found), text)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def print_toml(text: str) -> None:
    """A TOML document as it is, on standard output."""
    # A control character can only stand within a text there, for which TOML has the same escape as JSON.
    click.echo(_ORDERS.sub(_escape, text), nl=False)


def print_json(document: Any) -> None:
    """One document on one line, on standard output."""
    import msgspec

    # JSON has an escape of its own for each of them, so the document stays the same.
    click.echo(_ORDERS.sub(_escape, msgspec.json.encode(document).decode()))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """A table on standard output; numbers to the right. `empty` is said instead when there are no rows."""
    if not rows:
        click.echo(printable(empty))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for index, heading in enumerate(headings):
        numeric = all(isinstance(row[index], int | float) for row in rows)
        table.add_column(Text(printable(heading)), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else printable(str(cell))) for cell in row))
    width = None if sys.stdout.isatty() else 160
    Console(width=width).print(table)


def print_csv(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Comma separated values on standard output, without what a spreadsheet would take for a formula."""
    import csv
    import io

    from webapp.export import inert

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in row])
    click.echo(printable(text.getvalue()), nl=False)


def note(text: str) -> None:
    """A line for the person at the terminal, kept apart from the output proper."""
    click.echo(printable(text), err=True)


def count_of(number: int, noun: str) -> str:
    """A number with its noun, which takes an "s" but for one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
