"""Asana's plain values: instants, dates, names.

Asana writes instants as UTC with milliseconds and Z, and dates as dates; dates are never shifted.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from connector.asana.documents import Ref
from connector.pseudonyms import Shape
from connector.records import PersonRecord, UnreadableError


def instant(text: str | None, field: str) -> datetime | None:
    """The aware UTC instant; raises `UnreadableError` naming `field`."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableError(f"{field} is not an instant: {text[:40]!r}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def day(text: str | None, field: str) -> date | None:
    """The date; raises `UnreadableError` naming `field`."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnreadableError(f"{field} is not a date: {text[:40]!r}") from None


def day_of(on: str | None, at: str | None, field: str) -> date | None:
    """The `_on` date, or where only the `_at` instant came, its UTC date.

    Asana writes the day beside each instant, in the zone of who set it, and we always ask for both. So the fallback is
    for payloads that were cut down on their way, and may be a day off the one people see.
    """
    moment = instant(at, f"{field}_at") if at and not on else None
    return moment.date() if moment else day(on, f"{field}_on")


def shown(text: str) -> str:
    """Text for display: as Asana has it, without the NUL that no database takes."""
    return text.replace("\x00", "")


def word(text: str | None) -> str:
    """A name for matching (status, kind, option, tag): trimmed, non-breaking spaces as spaces; "" for none."""
    return shown(text or "").replace("\xa0", " ").strip()


def gid_of(ref: Ref | None) -> str | None:
    return (ref.gid or None) if ref else None


def name_of(ref: Ref | None) -> str | None:
    return (word(ref.name) or None) if ref else None


def people(*refs: Ref | None) -> tuple[PersonRecord, ...]:
    """The named people among `refs`, each once."""
    found: dict[str, PersonRecord] = {}
    for ref in refs:
        if ref and ref.gid and word(ref.name) and ref.gid not in found:
            found[ref.gid] = PersonRecord(external_id=ref.gid, name=word(ref.name), email=ref.email or None)
    return tuple(found.values())


def seconds(minutes: float | None) -> int | None:
    return None if minutes is None else round(minutes * 60)


ACCOUNT = Shape(
    ids=("gid",),
    marks=("gid",),
    names=("name",),
    gone=("email", "photo"),
    # What a custom field of persons shows as one text.
    told=(("people_value", "display_value"),),
)
"""What an account looks like wherever it occurs. No two things of any kind have the same gid."""
