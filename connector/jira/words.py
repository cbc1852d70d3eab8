"""Small values of Jira payloads: instants, dates, seconds and texts, in all the spellings seen."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from connector.records import UnreadableError

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def shown(text: str) -> str:
    """A text for people: without blanks at its ends, and without NUL, which no database takes."""
    return (text.replace("\0", "") if "\0" in text else text).strip()


def instant(value: str | float | None, field: str) -> datetime | None:
    """An instant as aware UTC: ISO with any offset spelling, or epoch milliseconds. A text without offset is UTC.

    The epoch itself is how Jira writes "never", and reads as None.
    """
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str):
            if value.isdigit():
                moment = datetime.fromtimestamp(int(value) / 1000, UTC)
            else:
                moment = datetime.fromisoformat(value)
                moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        else:
            moment = datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise UnreadableError(f"{field} is no instant: {str(value)[:40]!r}") from None
    return None if moment == _EPOCH else moment


def day(value: str | None, field: str) -> date | None:
    """A plain date; of an instant, the date as it is written, in whatever offset it has."""
    if not value:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise UnreadableError(f"{field} is no date: {value[:40]!r}") from None


def iso_day(value: str | None) -> str | None:
    """The ISO date a text begins with, None when it does not begin with one (a localised "16/Apr/24")."""
    found = _DATE.match(value) if value else None
    return found[0] if found else None


def seconds(value: str | float | None, field: str) -> int | None:
    """Whole seconds from a number or its text."""
    if value is None or value == "":
        return None
    try:
        return round(float(value))
    except (ValueError, OverflowError):
        raise UnreadableError(f"{field} is no number of seconds: {str(value)[:40]!r}") from None
