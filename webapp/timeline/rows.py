"""A row of the timeline: the bar of a project, what it is held against, and its milestones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from webapp.timeline.marks import Placed, placed
from webapp.timeline.window import Window

BAR_TOP, BAR = 7, 9
FIRST_LANE, LANE = 27, 17
"""Pixels: the middle of the first lane of marks, and from each lane to the next."""
LEAST = 26
SLIVER = 0.6
"""Percent that a bar of which one end is not known takes at least."""


@dataclass(frozen=True)
class Dates:
    """What is known of a project. `first` and `last` are its first and last milestone."""

    start: date | None
    due: date | None
    first: date | None
    last: date | None

    @property
    def known(self) -> bool:
        return any((self.start, self.due, self.first, self.last))

    @property
    def own(self) -> bool:
        """Whether its own dates say when it begins and ends."""
        return self.start is not None and self.due is not None

    @property
    def ends(self) -> tuple[date, date] | None:
        """From when to when it is drawn: where a date of its own is missing, its milestones say it."""
        known = [day for day in (self.start, self.due, self.first, self.last) if day]
        if not known:
            return None
        begin, end = self.start or min(known), self.due or max(known)
        return min(begin, end), max(begin, end)


@dataclass(frozen=True)
class Stretch:
    """From `x`, so many percent `wide`."""

    x: float
    wide: float


@dataclass(frozen=True)
class Drawn:
    """What a row draws, in percent. `away` is "before" or "after" where all of it lies outside what is shown: then the
    first lane is for words."""

    bar: Stretch | None
    own: bool
    away: str | None
    baseline: float | None
    forecast: Stretch | None
    marks: tuple[Placed, ...]
    height: int


def stretch(shown: Window, first: date, last: date) -> Stretch | None:
    """From the start of a day to the end of another, as far as that is shown; None where nothing is."""
    if last < shown.first or first >= shown.after:
        return None
    x = shown.start_of(first)
    wide = max(shown.end_of(last) - x, SLIVER)
    return Stretch(min(x, 100 - wide), wide)


def drawn(
    shown: Window,
    dates: Dates,
    baseline: date | None,
    forecast: tuple[date, date] | None,
    milestones: Sequence[tuple[date, str]],
) -> Drawn:
    """The row of a project; `milestones` are days that are shown, with their names."""
    marks = placed([(shown.middle_of(day), name) for day, name in milestones])
    lanes = max((mark.lane for mark in marks), default=-1) + 1
    ends = dates.ends
    bar = stretch(shown, *ends) if ends else None
    away = None if ends is None or bar or marks else "before" if ends[1] < shown.first else "after"
    lanes += away is not None
    return Drawn(
        bar=bar,
        own=dates.own,
        away=away,
        baseline=shown.end_of(baseline) if baseline and baseline in shown else None,
        forecast=stretch(shown, *forecast) if forecast else None,
        marks=marks,
        height=FIRST_LANE + LANE * (lanes - 1) + LANE // 2 + 4 if lanes else LEAST,
    )
