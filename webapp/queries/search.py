"""Searching for text whatever its case, in any script, on both databases.

SQLite's `lower` knows ASCII only, and PostgreSQL's knows what the locale of the database knows. So the capitals of the
letters that are searched for are told to the database one by one. Accents count: "Ecole" does not find "École".
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func


def _small(letter: str) -> str:
    """The small letter, where it is one letter too."""
    small = letter.lower()
    return small if len(small) == 1 else letter


def contains(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether the column holds the text. No character of the text has a meaning of its own."""
    wanted = "".join(map(_small, text))
    folded: ColumnElement[Any] = func.lower(column)
    for letter in sorted(set(wanted)):
        capital = letter.upper()
        if not letter.isascii() and capital != letter and _small(capital) == letter:
            folded = func.replace(folded, capital, letter)
    return folded.contains(wanted, autoescape=True)
