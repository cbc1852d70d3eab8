"""Whether firm bookings fit the work they are for: an envelope too small for it, or larger than anything needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from portfolio.resources.capacity import NOTHING
from portfolio.resources.load import book, by_period, envelopes, spread_work
from portfolio.resources.periods import Periods
from portfolio.resources.pieces import NEVER
from portfolio.resources.plan import Plan
from portfolio.resources.rows import take

ROOM = 1.2
"""A booking may be so many times the work before some of it is unused. Source: practice default."""


class Misfit(StrEnum):
    """small: there is more work than is booked. unused: more is booked than `ROOM` times the work."""

    SMALL = "small"
    UNUSED = "unused"


@dataclass(frozen=True)
class Week:
    """A week in which bookings of a person in a project, taken together, do not fit: the hours of both."""

    day: date
    misfit: Misfit
    work: float
    booked: float

    @property
    def hours(self) -> float:
        """By how many hours: work that is not booked, or hours booked without work."""
        return abs(self.work - self.booked)


def misfits(plan: Plan, weeks: Periods, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], list[Week]]:
    """The weeks that do not fit, by the ids of persons and projects; only of those asked for. In a week without any
    booking there is no envelope, whatever work there is in it.

    Source: domain rules of resource planning: work > booking is too small, booking > 1.2 x work is unused.
    """
    found: dict[tuple[int, int], list[Week]] = defaultdict(list)
    asked = {person for person, _ in pairs}
    whose = np.flatnonzero(np.isin(plan.persons, list(asked)))
    first, last = weeks.days[0].toordinal(), weeks.last.toordinal()
    work = plan.rows.work
    dated = take(work, np.isin(work.carrier, whose) & (work.due < NEVER))
    hard = take(plan.hard, np.isin(plan.hard.carrier, whose))
    tasks, booked = spread_work(dated, plan.capacity, plan.as_of.toordinal()), book(hard, plan.capacity)
    both = envelopes(dated, tasks, hard, booked, plan.capacity.daily(first, last), first)
    by_week = (by_period(hours, weeks.starts).tolist() for hours in (both.work, both.booked))
    for carrier, project, worked, kept in zip(both.carrier.tolist(), both.project.tolist(), *by_week, strict=True):
        pair = (int(plan.persons[carrier]), int(plan.projects[project]))
        if pair in pairs:
            for day, hours, envelope in zip(weeks.days, worked, kept, strict=True):
                misfit = _misfit(hours, envelope)
                if misfit is not None:
                    found[pair].append(Week(day, misfit, hours, envelope))
    return found


def _misfit(work: float, booked: float) -> Misfit | None:
    if booked <= NOTHING:
        return None
    if work > booked + NOTHING:
        return Misfit.SMALL
    return Misfit.UNUSED if booked > ROOM * work + NOTHING else None
