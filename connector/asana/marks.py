"""Marks: where a pass began, so that the next one can ask for what changed since. Pure.

A mark holds the instant of the beginning by Asana's clock and, where the account may have events of the project, the
sync token they go on from. The token tells more, but lives a day; the instant serves where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import msgspec

from connector.protocol import Delta, Stream

OVERLAP = timedelta(minutes=10)
"""How long before its mark a pass looks for changes, for the lag of Asana's lists."""

AHEAD = timedelta(minutes=1)
"""How far the clocks of Asana's servers may differ."""

WINDOW = timedelta(days=60)
"""How long after its day a time entry is still found when it is made or corrected; the others by the whole list."""


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    at: datetime
    sync: str | None = None


def write_mark(mark: Mark) -> str:
    return msgspec.json.encode(mark).decode()


def read_mark(text: str) -> Mark | None:
    """The mark in a text; None when it is none of ours."""
    try:
        mark = msgspec.json.decode(text, type=Mark)
    except msgspec.MsgspecError:
        return None
    return mark if mark.at.tzinfo else msgspec.structs.replace(mark, at=mark.at.replace(tzinfo=UTC))


def deltas(stream: Stream, marks: Mapping[str, str]) -> tuple[Delta, ...]:
    """One delta for each slice with a readable mark.

    None tells all that is gone: events are delivered at most once, and lists of what was modified name no deletion.
    """
    if stream not in (Stream.ITEMS, Stream.WORKLOGS):
        return ()
    return tuple(Delta(stream, (slice,), text) for slice, text in marks.items() if read_mark(text))


def looked_back(mark: Mark) -> datetime:
    """From when on a pass looks for what was modified since the mark."""
    return mark.at - OVERLAP


def window_start(mark: Mark) -> date:
    """The first day whose time entries are read again."""
    return (mark.at - WINDOW).date()
