"""Which parts of a stream a run reads, and how: whole, from where a broken pass left off, or what changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from connector.protocol import Delta, Stream
from sync.landing.cursors import Reached
from sync.modes import ALWAYS, REFERENCE_EVERY, Mode


class Part(NamedTuple):
    """What one thread reads in one go: one whole slice, from `position` on, or a delta of one or several."""

    slices: tuple[str, ...]
    delta: Delta | None = None
    position: str | None = None

    @property
    def whole(self) -> bool:
        """Whether it shows all there is of its slice, so that what it lacks is missing."""
        return self.delta is None and self.position is None


def is_due(stream: Stream, mode: Mode, cursors: Mapping[str, Reached], now: datetime, *, widening: bool) -> bool:
    """Whether a run reads the stream at all. `widening`: there are items of a project never read before.

    An incremental run passes over lists of reference that were read a short while ago; a new project may bring new
    words, so then it does not.
    """
    if mode is not Mode.INCREMENTAL or stream in ALWAYS or widening or not cursors:
        return True
    ends = [each.completed_at for each in cursors.values()]
    return any(end is None or end <= now - REFERENCE_EVERY for end in ends)


def marks(mode: Mode, slices: Sequence[str], cursors: Mapping[str, Reached]) -> dict[str, str]:
    """The marks of the slices of which only the changes are wanted."""
    if mode is Mode.FULL:
        return {}
    known = ((name, cursors[name].mark) for name in slices if name in cursors)
    return {name: mark for name, mark in known if mark}


def parts(
    mode: Mode, slices: Sequence[str], deltas: Sequence[Delta], cursors: Mapping[str, Reached]
) -> tuple[Part, ...]:
    """The parts that bring the slices up to date, whole ones first: they take longest.

    A pass of a marked stream that was broken off goes on where it stood: what changed meanwhile comes with the next
    delta, since its mark is of its beginning. A full run begins anew, and so does a stream without marks.
    """
    covered = {name for delta in deltas for name in delta.slices}
    whole = [Part((name,), None, _position(mode, cursors.get(name))) for name in slices if name not in covered]
    return (*whole, *(Part(delta.slices, delta) for delta in deltas))


def _position(mode: Mode, reached: Reached | None) -> str | None:
    if mode is Mode.FULL or reached is None or reached.next_mark is None:
        return None
    return reached.position
