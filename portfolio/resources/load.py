"""What persons are to do, day by day, beside what they can. Pure arithmetic, for all of them at once.

Whoever does work is a carrier: a person, or a role that nobody was named for. Carriers and projects are numbers, the
place in the caller's order; days are `date.toordinal`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from portfolio.resources.capacity import NOTHING, Capacity, Hours, Numbers
from portfolio.resources.pieces import NEVER, Pieces, hours_by_day, spread, windows
from portfolio.resources.rows import take

OVER_DAYS = 2
"""So many days with too much make a week too much, whatever the sum of the week."""


class Work(NamedTuple):
    """Open work, a row for each item, carrier and project it counts to: the hours that remain of it there.

    `start` is 0 and `due` is `NEVER` where there is no such date.
    """

    carrier: Numbers
    project: Numbers
    hours: Hours
    start: Numbers
    due: Numbers


class Bookings(NamedTuple):
    """Bookings, a row each, both days included: a share of the capacity, or hours of each day with capacity, or hours
    in all; the other two are 0."""

    carrier: Numbers
    project: Numbers
    first: Numbers
    last: Numbers
    share: Hours
    hours_per_day: Hours
    total_hours: Hours


class Load(NamedTuple):
    """Hours by carrier and day, from the day `first` on: what can be done, what has to be, and what may come on top.

    `hard` is work and firm bookings: of a project it is the larger of the two, for a booking is an envelope for work.
    `soft` are bookings that are only proposed.
    """

    first: int
    capacity: Hours
    hard: Hours
    soft: Hours

    @property
    def over(self) -> Hours:
        """The hours of each day that are more than can be done; proposed bookings do not count."""
        over = self.hard - self.capacity
        return np.where(over < NOTHING, 0.0, over)


def load(work: Work, hard: Bookings, soft: Bookings, capacity: Capacity, as_of: int, first: int, last: int) -> Load:
    """The load on the days from `first` to `last`, both included. Work without a due date is in none of them.

    Source: domain rules of resource planning: spread by capacity, a booking is an envelope.
    """
    daily = capacity.daily(first, last)
    dated = take(work, np.flatnonzero(work.due < NEVER))
    tasks, booked = spread_work(dated, capacity, as_of), book(hard, capacity)
    demand = hours_by_day(dated.carrier, tasks, daily, first)
    # Only where a project has firm bookings of a carrier does it matter how much of the work is of which project.
    both = envelopes(dated, tasks, hard, booked, daily, first)
    np.add.at(demand, both.carrier, both.beyond)
    return Load(first, daily, demand, hours_by_day(soft.carrier, book(soft, capacity), daily, first))


def beyond_work(
    work: Work, hard: Bookings, capacity: Capacity, as_of: int, first: int, last: int
) -> tuple[Numbers, Numbers, Hours]:
    """By how much firm bookings are more than the work of the same project on these days: carrier, project, hours."""
    some = np.unique(hard.carrier)
    pairs = np.unique(_pair(hard.carrier, hard.project))
    booked_for = np.isin(_pair(work.carrier, work.project), pairs) & (work.due < NEVER)
    dated, theirs = take(work, np.flatnonzero(booked_for)), capacity.some(some)
    dated = dated._replace(carrier=np.searchsorted(some, dated.carrier))
    hard = hard._replace(carrier=np.searchsorted(some, hard.carrier))
    tasks, booked = spread_work(dated, theirs, as_of), book(hard, theirs)
    both = envelopes(dated, tasks, hard, booked, theirs.daily(first, last), first)
    return some[both.carrier], both.project, both.beyond.sum(axis=1)


class Envelopes(NamedTuple):
    """The work and the firm bookings of a carrier in a project, in hours by day: a row for each two that have any."""

    carrier: Numbers
    project: Numbers
    work: Hours
    booked: Hours

    @property
    def beyond(self) -> Hours:
        """By how much the bookings are more than the work."""
        return np.maximum(self.booked - self.work, 0.0)


def envelopes(work: Work, tasks: Pieces, hard: Bookings, booked: Pieces, daily: Hours, first: int) -> Envelopes:
    """Work beside what is firmly booked for it. The pieces are those of the work and of the bookings."""
    pairs = np.unique(_pair(hard.carrier, hard.project))
    carrier, project = pairs >> _BITS, pairs & _PROJECT
    if not len(pairs):
        return Envelopes(carrier, project, *(np.zeros((0, daily.shape[1])),) * 2)
    of_pair = daily[carrier]
    line, known = _lines(pairs, _pair(work.carrier, work.project))
    tasked = hours_by_day(line[known], take(tasks, known), of_pair, first)
    line, known = _lines(pairs, _pair(hard.carrier, hard.project))
    return Envelopes(carrier, project, tasked, hours_by_day(line[known], take(booked, known), of_pair, first))


class ByProject(NamedTuple):
    """Hours by day, a row for each carrier and each project there is any work or booking of: firm ones, as in `Load`,
    and proposed ones."""

    carrier: Numbers
    project: Numbers
    hard: Hours
    soft: Hours


def load_by_project(
    work: Work, hard: Bookings, soft: Bookings, capacity: Capacity, as_of: int, first: int, last: int
) -> ByProject:
    """The load on the days from `first` to `last` by project: over all projects of a carrier it is what `load` says."""
    dated = take(work, np.flatnonzero(work.due < NEVER))
    keys = [_pair(part.carrier, part.project) for part in (dated, hard, soft)]
    pairs = np.unique(np.concatenate(keys))
    carrier = pairs >> _BITS
    daily = capacity.daily(first, last)[carrier]
    pieces = (spread_work(dated, capacity, as_of), book(hard, capacity), book(soft, capacity))
    lines = (np.searchsorted(pairs, key) for key in keys)
    tasks, booked, proposed = (hours_by_day(line, part, daily, first) for line, part in zip(lines, pieces, strict=True))
    return ByProject(carrier, pairs & ((1 << _BITS) - 1), np.maximum(tasks, booked), proposed)


def spread_work(work: Work, capacity: Capacity, as_of: int) -> Pieces:
    """Work that is due, on the days on which it is done."""
    return spread(work.carrier, *windows(work.carrier, work.start, work.due, capacity, as_of), work.hours, capacity)


def book(bookings: Bookings, capacity: Capacity) -> Pieces:
    """Bookings, on their days."""
    it = bookings
    whole = spread(it.carrier, it.first, it.last, it.total_hours, capacity)
    return whole._replace(rate=whole.rate + it.share, flat=it.hours_per_day)


def by_period(hours: Hours, starts: NDArray[np.intp]) -> Hours:
    """The hours of days added up by period: `starts` are the places of the days on which periods begin."""
    return np.add.reduceat(hours, starts, axis=1)


def too_much(load: Load, starts: NDArray[np.intp]) -> NDArray[np.bool_]:
    """In which periods a carrier has too much: more than can be done in all of it, or on two days of it.

    A period at 95 % may hide days with too much, and the other way round.
    """
    hard, capacity = by_period(load.hard, starts), by_period(load.capacity, starts)
    days = by_period((load.over > 0).astype(np.float64), starts)
    return (hard > capacity + NOTHING) | (days >= OVER_DAYS)


_BITS = 32
_PROJECT = (1 << _BITS) - 1


def _pair(carrier: Numbers, project: Numbers) -> Numbers:
    return (carrier << _BITS) | project


def _lines(pairs: Numbers, asked: Numbers) -> tuple[Numbers, NDArray[np.intp]]:
    """Where each asked pair stands among the pairs, and which of those asked do."""
    line = np.minimum(np.searchsorted(pairs, asked), len(pairs) - 1)
    return line, np.flatnonzero(pairs[line] == asked)
