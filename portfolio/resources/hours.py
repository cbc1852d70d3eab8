"""The hours of a full week as text: seven numbers from Monday, with a space between."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from portfolio.resources.capacity import WEEK

MOST_HOURS = Decimal(24)
_STEP = Decimal("0.000001")


class HoursError(ValueError):
    """What is no hours of a week; the text says how they are written."""

    def __init__(self) -> None:
        super().__init__("Write the hours of each day from Monday: 8 8 4 0 0, or seven numbers from 0 to 24.")


def read_hours(text: str) -> str | None:
    """What was typed in the form it is kept in; None for nothing. Five numbers are Monday to Friday. A decimal comma
    will do, where numbers are parted by spaces or semicolons. Raises `HoursError`."""
    words = [word for word in re.split(r"[\s;/]+", text.strip()) if word]
    if not words:
        return None
    try:
        hours = [Decimal(word.replace(",", ".")) for word in words]
    except InvalidOperation:
        raise HoursError from None
    if len(hours) not in (5, WEEK) or not all(it.is_finite() and 0 <= it <= MOST_HOURS for it in hours):
        raise HoursError
    hours += [Decimal(0)] * (WEEK - len(hours))
    return write_week(hours)


def write_week(hours: Iterable[Decimal]) -> str:
    """Seven numbers of hours in the form they are kept in, to a millionth: a day of 440 minutes has no end."""
    return " ".join(f"{abs(it.quantize(_STEP)).normalize():f}" for it in hours)


def hours_of(kept: str) -> tuple[float, ...]:
    """The seven numbers of hours as they are kept."""
    return tuple(float(word) for word in kept.split())
