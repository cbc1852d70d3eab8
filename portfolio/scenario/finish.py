"""When the planned work of projects could be done at the earliest, if nobody works more than they can. Pure.

Each carrier does first what is planned first: what a day cannot hold goes to the next days with room. So the work that
is planned up to a day is done by the first day by which there was room for all that was planned so far.
Source: a queue served in order of its days (fluid, first in first out).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from portfolio.resources.capacity import NOTHING, Hours, Numbers
from portfolio.resources.load import Load
from portfolio.resources.memo import Change
from portfolio.resources.pieces import NEVER, windows
from portfolio.resources.plan import Plan, portions
from portfolio.resources.rows import lines, take

BEYOND = NEVER
"""The day of what is done after the last day that is looked at, or never."""


class Finishes(NamedTuple):
    """By project (place): the last day of its dated work as planned, and the one by which it could be done; 0 where it
    has none, `BEYOND` where that is later than was looked at. Hours of it: all, those without a date, those nobody was
    named for; and how many items nobody estimated."""

    planned: Numbers
    feasible: Numbers
    hours: Hours
    undated: Hours
    nobody: Hours
    unestimated: Numbers


def finishes(plan: Plan, until: date) -> Finishes:
    """When each project's work could be done, as far as it is by a day."""
    rows, count = plan.rows.work, len(plan.projects)
    dated = np.flatnonzero(rows.due < NEVER)
    ends = _ends(plan, until)
    planned, feasible = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.maximum.at(planned, rows.project[dated], ends.planned)
    np.maximum.at(feasible, rows.project[dated], ends.feasible)

    def hours(some: NDArray[np.bool_] | slice) -> Hours:
        return np.bincount(rows.project[some], rows.hours[some], count).astype(np.float64)

    unknown = plan.no_estimate
    items = np.unique(np.stack([unknown.project, unknown.item]), axis=1)[0]
    return Finishes(
        planned,
        feasible,
        hours(slice(None)),
        hours(rows.due >= NEVER),
        hours(rows.carrier >= len(plan.persons)),
        np.bincount(items, minlength=count),
    )


class _Ends(NamedTuple):
    """The days of `Finishes` for each row of dated work."""

    carrier: Numbers
    planned: Numbers
    feasible: Numbers


def _ends(plan: Plan, until: date) -> _Ends:
    def mend(before: _Ends, change: Change) -> _Ends:
        """Rows of carriers that are not touched are the same, in the same order."""
        touched = np.zeros(len(plan.carriers), np.bool_)
        touched[change.touched] = True
        carrier = plan.rows.work.carrier[plan.rows.work.due < NEVER]
        others, theirs = ~touched[change.places[before.carrier]], touched[carrier]
        planned, feasible = np.empty_like(carrier), np.empty_like(carrier)
        _, planned[theirs], feasible[theirs] = _ends_of(plan, change.touched, until)
        planned[~theirs], feasible[~theirs] = before.planned[others], before.feasible[others]
        return _Ends(carrier, planned, feasible)

    return plan.memo.by_row(("ends", until), lambda: _all_ends(plan, until), mend)


def _all_ends(plan: Plan, until: date) -> _Ends:
    carrier = plan.rows.work.carrier[plan.rows.work.due < NEVER]
    planned, feasible = np.empty_like(carrier), np.empty_like(carrier)
    for some in portions(plan.carriers):
        theirs = np.flatnonzero((carrier >= some[0]) & (carrier <= some[-1]))
        _, planned[theirs], feasible[theirs] = _ends_of(plan, some, until)
    return _Ends(carrier, planned, feasible)


def _ends_of(plan: Plan, some: Numbers, until: date) -> _Ends:
    """Of some carriers alone (their places, in order)."""
    line = lines(some, len(plan.carriers))
    rows = plan.rows.work
    dated = take(rows, np.flatnonzero((rows.due < NEVER) & (line[rows.carrier] >= 0)))
    who, capacity = line[dated.carrier], plan.capacity.some(some)
    _, last = windows(who, dated.start, dated.due, capacity, plan.as_of.toordinal())
    load = plan.load_of(some, plan.as_of, until)
    return _Ends(dated.carrier, last, _done(who, last, some < len(plan.persons), load))


def _done(carrier: Numbers, last: Numbers, named: NDArray[np.bool_], load: Load) -> Numbers:
    """The day by which what is planned for a carrier up to and including `last` is done. `named`: whether each carrier
    is somebody."""
    days = load.hard.shape[1]
    place = last - load.first
    result = np.where(place < days, last, BEYOND)
    # Whom nobody named may be as many as it takes.
    asked = np.flatnonzero((place < days) & named[carrier])
    who, when = carrier[asked], place[asked]
    some = np.unique(who)
    line = np.searchsorted(some, who)
    room = np.cumsum(load.capacity[some], axis=1)
    summed = np.cumsum(load.hard[some] - load.capacity[some], axis=1)
    waiting = summed - np.minimum(np.minimum.accumulate(summed, axis=1), 0.0)
    late = waiting[line, when] > _ROUNDING
    line, when, asked = line[late], when[late], asked[late]
    needed = room[line, when] + waiting[line, when] - _ROUNDING
    # One sorted line of all: each carrier's room lies above that of the one before.
    above = (room[:, -1].max(initial=0.0) + 1.0) * np.arange(len(some))
    fits = needed <= room[line, -1]
    found = np.searchsorted((room + above[:, None]).ravel(), needed[fits] + above[line[fits]]) - line[fits] * days
    result[asked] = BEYOND
    result[asked[fits]] = load.first + found
    return result


_ROUNDING = 1e3 * NOTHING
"""Hours that sums over a year may be off by."""
