"""Plain values of fields as numbers and words. Pure and total."""

from __future__ import annotations

from connector.records import FieldValue


def number(value: FieldValue) -> float | None:
    """A field value as a number, None when it is none. Lists and truth values are no numbers."""
    if isinstance(value, bool) or value is None or isinstance(value, list):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if found == found and abs(found) != float("inf") else None


def text(value: FieldValue) -> str | None:
    """A field value as a word, None when it is empty; the first of a list."""
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None or isinstance(value, bool):
        return None
    return str(value).strip() or None
