"""The value of an overlay field as text: read from what people and trackers write, in the one form it is kept in.

Equal values give equal text, so that what was entered and what a tracker tells can be compared in SQL. Persons are kept
by their number and are looked up elsewhere (`portfolio.overlay.persons`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from portfolio.overlay.fields import FIELDS, Field, Type

LONGEST = 200
"""Characters of a text."""
MOST_MONEY = Decimal(10) ** 16
FIRST_YEAR = 1900

# An amount with its currency before or after it. Thousands may be grouped; the decimal sign is a point.
_AMOUNT = r"(?P<{0}>\d{{1,3}}(?:[ ,'\u00a0\u202f\u2019]\d{{3}})+(?:\.\d{{1,2}})?|\d+(?:\.\d{{1,2}})?)"
_MONEY = re.compile(
    rf"{_AMOUNT.format('first')}\s*(?P<after>[A-Za-z]{{3}})|(?P<before>[A-Za-z]{{3}})\s*{_AMOUNT.format('last')}"
)
_NO_DIGIT = re.compile(r"[^\d.]")


class OverlayError(Exception):
    """A value that cannot be that of the field. `message` is a sentence for whoever typed it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class Value(NamedTuple):
    """A value: a person, or anything else as its text."""

    text: str | None = None
    person_id: int | None = None


def field_of(name: str) -> Field:
    """The field of that name. Raises `OverlayError` naming those there are."""
    found = FIELDS.get(name)
    if found is None:
        raise OverlayError(name[:LONGEST], f"There is no such field. There are: {', '.join(FIELDS)}.")
    return found


def read_text(field: Field, typed: str) -> str:
    """What was typed, in the form it is kept in. For any type but persons. Raises `OverlayError`."""
    text = " ".join(typed.split())
    match field.type:
        case Type.MONEY:
            return _money(field, text)
        case Type.DAY:
            return _day(field, text)
        case Type.CHOICE:
            return _choice(field, text)
        case _:
            if len(text) > LONGEST:
                raise OverlayError(field.name, f"That is longer than {LONGEST} characters. Shorten it.")
            if not text.isprintable():
                raise OverlayError(field.name, "That holds a character that cannot be seen. Type it anew.")
            return text


def _money(field: Field, text: str) -> str:
    found = _MONEY.fullmatch(text)
    if found is None:
        raise OverlayError(field.name, "That is no amount with its currency. Write it like 120000.00 EUR.")
    amount = Decimal(_NO_DIGIT.sub("", found["first"] or found["last"]))
    if amount >= MOST_MONEY:
        raise OverlayError(field.name, "That is more than can be kept. Check the number of digits.")
    return f"{amount:.2f} {(found['after'] or found['before']).upper()}"


def _day(field: Field, text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year < FIRST_YEAR or day.isoformat() != text:
        raise OverlayError(field.name, "That is no day. Write it like 2026-03-14.")
    return text


def _choice(field: Field, text: str) -> str:
    asked = text.casefold().replace(" ", "_").replace("-", "_")
    for choice in field.choices:
        if choice.casefold() == asked:
            return choice
    raise OverlayError(field.name, f"That is none of the choices. There are: {', '.join(field.choices)}.")


def columns_of(field: Field, value: Value | None) -> Mapping[str, object]:
    """The columns of `project` for an effective value; all None for none."""
    if value is None:
        return dict.fromkeys(field.columns)
    text = value.text or ""
    match field.type:
        case Type.MONEY:
            amount, _, currency = text.partition(" ")
            parts: tuple[object, ...] = (Decimal(amount), currency)
        case Type.DAY:
            parts = (date.fromisoformat(text),)
        case Type.PERSON:
            parts = (value.person_id,)
        case _:
            parts = (text,)
    return dict(zip(field.columns, parts, strict=True))
