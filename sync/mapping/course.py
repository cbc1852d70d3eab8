"""How an item got from its start to its finish: followed through the changes of where it stands, oldest first. Pure.

Not at day grain: how long work was active or waited is told in seconds.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple


class Phase(NamedTuple):
    """Where an item stands from an instant on, and the day that instant belongs to."""

    at: datetime
    on: date
    category: str
    flow: str


class Outcome(NamedTuple):
    """What can be said of an item at a point of its course.

    `started_on` is the first entry into in_progress, `finished_on` the last entry into done while still done,
    `reopened_on` the first day it was put back from done to open. The seconds are of one that is done: `lead_s` from
    its creation to its finish, `flow_s` those between its start and its finish in which it was neither done nor
    cancelled, `active_s` those of them in which somebody worked on it.
    """

    started_on: date | None = None
    finished_on: date | None = None
    reopened_on: date | None = None
    active_s: int | None = None
    flow_s: int | None = None
    lead_s: int | None = None


class Course:
    """Follows an item through its phases. Work that was put back to do after its start waits."""

    def __init__(self, first: Phase) -> None:
        self._created = first.at
        self._phase = first
        self._started: date | None = first.on if first.category == "in_progress" else None
        self._finished = first if first.category == "done" else None
        self._reopened: date | None = None
        self._active = self._all = 0

    def enter(self, phase: Phase) -> None:
        """Go on to the next phase."""
        before = self._phase
        if self._started is not None and before.category in ("todo", "in_progress"):
            seconds = max(0, round((phase.at - before.at).total_seconds()))
            self._all += seconds
            if before.category == "in_progress" and before.flow == "active":
                self._active += seconds
        if phase.category == "in_progress" and self._started is None:
            self._started = phase.on
        if phase.category != "done":
            self._finished = None
            if before.category == "done" and phase.category != "cancelled":
                self._reopened = self._reopened or phase.on
        elif before.category != "done":
            self._finished = phase
        self._phase = phase

    def outcome(self) -> Outcome:
        """What can be said of the item now."""
        finish = self._finished
        if finish is None:
            return Outcome(self._started, None, self._reopened)
        lead = max(0, round((finish.at - self._created).total_seconds()))
        if self._started is None:
            return Outcome(None, finish.on, self._reopened, lead_s=lead)
        return Outcome(self._started, finish.on, self._reopened, self._active, self._all, lead)
