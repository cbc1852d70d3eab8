"""How many hours persons have on which days. Pure arithmetic, for many persons and days at a time.

Persons, calendars and days are numbers here: the place of a person in the caller's order, that of a calendar in a list,
`date.toordinal` of a day. Hours are floats: what adds up to less than `NOTHING` is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from portfolio.resources.rows import lines

Numbers: TypeAlias = NDArray[np.int64]
Hours: TypeAlias = NDArray[np.float64]

WEEK = 7
NOTHING = 1e-9
"""Hours below which there are none: what is left of sums of floats that should be 0."""


Week: TypeAlias = tuple[float, ...]
"""The hours of each weekday from Monday."""


class Pattern(NamedTuple):
    """The working hours of a calendar: those of a week, and which fraction of a holiday is off. From each of the days
    of `later` on, in order, the hours beside it hold instead."""

    hours: Week
    holidays: Mapping[int, float] = {}
    later: Sequence[tuple[int, Week]] = ()


class Terms(NamedTuple):
    """How a person works from `since` up to, not including, `until`: `factor` of the hours of a pattern.

    `factor` is the share of a full week that is worked. The terms of a person do not overlap. On days without terms
    there are no hours.
    """

    person: int
    since: int
    until: int
    pattern: int
    factor: float


class Absence(NamedTuple):
    """A person's time off, both days included: `fraction` of each of these days. Absences add up to a day at most."""

    person: int
    first: int
    last: int
    fraction: float = 1.0


class Capacity:
    """The hours of `count` persons on the days from `first` to `last`, both included.

    The hours of a day are those of the pattern, times what neither a holiday nor time off takes of the day (not below
    0), times the factor. Days outside are outside of everything: they have no hours.
    Source: capacity as of resource planning practice, one haircut only (`factor`).
    """

    def __init__(
        self,
        count: int,
        patterns: Sequence[Pattern],
        terms: Sequence[Terms],
        absences: Sequence[Absence],
        first: int,
        last: int,
    ) -> None:
        self.count, self.first, self.last = count, first, last
        self._length = length = last - first + 1
        self._gross, self._free = _days_of(patterns, first, length)
        self._summed = _summed(self._gross * self._free)
        each = np.array(sorted(terms), np.float64).reshape(-1, len(Terms._fields))
        self._person, since, until, self._pattern = (each[:, column].astype(np.int64) for column in range(4))
        self._factor = each[:, 4]
        self._since, self._until = (np.clip(it - first, 0, length) for it in (since, until))
        self._settle()
        self._off = self._taken(absences)

    def _settle(self) -> None:
        """What is looked up of the terms."""
        self._keys = self._person * (self._length + 1) + self._since
        self._before = self._hours_before_terms()

    def joined(self, place: int, pattern: Pattern, since: int, until: int, factor: float) -> Capacity:
        """The capacity with one person more, at a place: those from there on move up by one. They work from `since` up
        to, not including, `until`, as `Terms` say."""
        it = copy(self)
        it.count = self.count + 1
        gross, free = _days_of([pattern], self.first, self._length)
        it._gross, it._free = np.concatenate([self._gross, gross]), np.concatenate([self._free, free])
        it._summed = np.concatenate([self._summed, _summed(gross * free)])
        at = int(np.searchsorted(self._person, place))
        it._person = np.insert(self._person + (self._person >= place), at, place)
        it._since, it._until = (
            np.insert(days, at, min(max(day - self.first, 0), self._length))
            for days, day in ((self._since, since), (self._until, until))
        )
        it._pattern = np.insert(self._pattern, at, len(self._gross))
        it._factor = np.insert(self._factor, at, factor)
        it._settle()
        keys, hours, summed = self._off
        it._off = keys + self._length * (keys >= place * self._length), hours, summed
        return it

    def some(self, places: Numbers) -> Capacity:
        """The capacity of some persons (their places, in order), who have the places 0, 1, ... in it."""
        it = copy(self)
        it.count = len(places)
        line = lines(places, self.count)
        it._take(np.flatnonzero(line[self._person] >= 0))
        it._person = line[it._person]
        it._settle()
        keys, hours, _ = self._off
        who, day = np.divmod(keys, self._length)
        off = np.flatnonzero(line[who] >= 0)
        it._off = _off(line[who[off]] * self._length + day[off], hours[off])
        return it

    def with_own(self, places: Numbers, own: Capacity) -> Capacity:
        """The capacity with that of some persons (their places, in order) as another, of them alone, has it. Both are
        of the same days."""
        it = copy(self)
        pattern = [it._known(gross, free) for gross, free in zip(own._gross, own._free, strict=True)]
        theirs = np.zeros(self.count, np.bool_)
        theirs[places] = True
        it._take(np.flatnonzero(~theirs[self._person]))
        it._person = np.concatenate([it._person, places[own._person]])
        it._since, it._until = np.concatenate([it._since, own._since]), np.concatenate([it._until, own._until])
        it._pattern = np.concatenate([it._pattern, np.array(pattern, np.int64)[own._pattern]])
        it._factor = np.concatenate([it._factor, own._factor])
        it._take(np.argsort(it._person, kind="stable"))
        it._settle()
        keys, hours, _ = self._off
        stays = ~theirs[keys // self._length]
        who, day = np.divmod(own._off[0], self._length)
        keys = np.concatenate([keys[stays], places[who] * self._length + day])
        order = np.argsort(keys, kind="stable")
        it._off = _off(keys[order], np.concatenate([hours[stays], own._off[1]])[order])
        return it

    def _take(self, terms: Numbers) -> None:
        """These of the terms, in this order."""
        self._person, self._since, self._until = self._person[terms], self._since[terms], self._until[terms]
        self._pattern, self._factor = self._pattern[terms], self._factor[terms]

    def _known(self, gross: Hours, free: Hours) -> int:
        """The place of a pattern by its days, which is there from now on."""
        alike = np.flatnonzero((self._gross == gross).all(axis=1) & (self._free == free).all(axis=1))
        if len(alike):
            return int(alike[0])
        self._gross, self._free = np.vstack([self._gross, gross]), np.vstack([self._free, free])
        self._summed = np.vstack([self._summed, _summed((gross * free)[None])])
        return len(self._gross) - 1

    def daily(self, first: int, last: int) -> Hours:
        """The hours by person and day of these days, both included."""
        start, stop = first - self.first, last - self.first + 1
        result = np.zeros((self.count, stop - start))
        if len(self._person):
            days = np.arange(start, stop)
            holds = (days >= self._since[:, None]) & (days < self._until[:, None])
            worked = (self._gross * self._free)[self._pattern, start:stop] * self._factor[:, None] * holds
            begins = np.flatnonzero(np.diff(self._person, prepend=-1))
            result[self._person[begins]] = np.add.reduceat(worked, begins, axis=0)
        keys, hours, _ = self._off
        person, day = np.divmod(keys, self._length)
        some = np.flatnonzero((day >= start) & (day < stop))
        result[person[some], day[some] - start] -= hours[some]
        return np.where(result < NOTHING, 0.0, result)

    def between(self, persons: Numbers, first: Numbers, last: Numbers) -> Hours:
        """The hours of each of these persons from one day to another, both included; 0 where `last` is earlier."""
        start = np.clip(first - self.first, 0, self._length)
        stop = np.maximum(np.clip(last - self.first + 1, 0, self._length), start)
        keys, _, summed = self._off
        taken = np.subtract(*(summed[np.searchsorted(keys, persons * self._length + day)] for day in (stop, start)))
        hours = self._until_day(persons, stop) - self._until_day(persons, start) - taken
        return np.where(hours < NOTHING, 0.0, hours)

    def nth_day(self, number: int, since: int) -> Numbers:
        """The day by which each person had `number` days with hours from `since` on. Where there are fewer it is the
        last of them, where there is none it is `since`."""
        result = np.full(self.count, since)
        everybody = np.arange(self.count)
        # Who never works is not looked for.
        ends = (np.full_like(everybody, day) for day in (since, self.last))
        left = np.flatnonzero(self.between(everybody, *ends))
        missing = np.full(len(left), number)
        start, width = since, 4 * number
        # Most have theirs within some weeks; who is away for long is looked for further and further.
        while len(left) and start <= self.last:
            stop = min(start + width - 1, self.last)
            works = (self.daily(start, stop)[left] if start == since else self._grid(left, start, stop)) > 0
            counted = np.cumsum(works, axis=1)
            enough = counted[:, -1] >= missing
            wanted = np.where(enough, missing, counted[:, -1])
            some = wanted > 0
            result[left[some]] = start + np.argmax(counted[some] >= wanted[some, None], axis=1)
            left, missing = left[~enough], (missing - counted[:, -1])[~enough]
            start, width = stop + 1, 2 * width
        return result

    def _grid(self, persons: Numbers, first: int, last: int) -> Hours:
        days = np.arange(first, last + 1)
        return self.between(persons[:, None], days, days)

    def _term_of(self, persons: Numbers, day: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
        """The last terms that began on or before the day, and whether there are any."""
        place = np.searchsorted(self._keys, persons * (self._length + 1) + day, side="right") - 1
        return np.maximum(place, 0), (place >= 0) & (self._person[place] == persons)

    def _until_day(self, persons: Numbers, day: Numbers) -> Hours:
        """The hours of all days before this one, time off not taken away."""
        if not len(self._person):
            return np.zeros(np.broadcast_shapes(persons.shape, day.shape))
        place, there = self._term_of(persons, day)
        stop = np.minimum(day, self._until[place])
        return np.where(there, self._before[place] + self._worked(place, self._since[place], stop), 0.0)

    def _worked(self, place: Numbers, start: Numbers, stop: Numbers) -> Hours:
        pattern = self._pattern[place]
        hours: Hours = self._factor[place] * (self._summed[pattern, stop] - self._summed[pattern, start])
        return hours

    def _hours_before_terms(self) -> Hours:
        """The hours of a person before each of their terms, by the terms before it."""
        every = np.arange(len(self._person))
        own = self._worked(every, self._since, np.maximum(self._since, self._until))
        before = np.cumsum(own) - own
        begins = np.flatnonzero(np.diff(self._person, prepend=-1))
        hours: Hours = before - np.repeat(before[begins], np.diff(begins, append=len(every)))
        return hours

    def _taken(self, absences: Sequence[Absence]) -> tuple[Numbers, Hours, Hours]:
        """What time off takes: person and day as one number, in order; the hours; and those added up before each."""
        each = np.array(absences, np.float64).reshape(-1, len(Absence._fields))
        person = each[:, 0].astype(np.int64)
        start = np.clip(each[:, 1].astype(np.int64) - self.first, 0, self._length)
        stop = np.clip(each[:, 2].astype(np.int64) - self.first + 1, start, self._length)
        days = stop - start
        begins = np.cumsum(days) - days
        day = np.arange(days.sum()) - np.repeat(begins - start, days)
        keys, which = np.unique(np.repeat(person, days) * self._length + day, return_inverse=True)
        fraction = np.bincount(which, np.repeat(each[:, 3], days), len(keys))
        hours = np.zeros(len(keys))
        if len(keys) and len(self._person):
            who, when = np.divmod(keys, self._length)
            place, there = self._term_of(who, when)
            pattern = self._pattern[place]
            there &= when < self._until[place]
            lost = np.minimum(self._free[pattern, when], fraction) * self._gross[pattern, when]
            hours = np.where(there, lost * self._factor[place], 0.0)
        return _off(keys, hours)


def _off(keys: Numbers, hours: Hours) -> tuple[Numbers, Hours, Hours]:
    return keys, hours, np.concatenate([[0.0], np.cumsum(hours)])


def _summed(hours: Hours) -> Hours:
    """The hours of each pattern before each day."""
    return np.concatenate([np.zeros((len(hours), 1)), np.cumsum(hours, axis=1)], 1)


def _days_of(patterns: Sequence[Pattern], first: int, length: int) -> tuple[Hours, Hours]:
    """The hours of each pattern on each day, and the fraction of the day that no holiday takes."""
    # Day 1 was a Monday.
    weekdays = (np.arange(first, first + length) - 1) % WEEK
    gross = np.array([it.hours for it in patterns], np.float64).reshape(-1, WEEK)[:, weekdays]
    free = np.ones_like(gross)
    for row, pattern in enumerate(patterns):
        for since, hours in pattern.later:
            begins = min(max(since - first, 0), length)
            gross[row, begins:] = np.array(hours)[weekdays[begins:]]
        for day, fraction in pattern.holidays.items():
            if first <= day < first + length:
                free[row, day - first] = max(0.0, 1.0 - fraction)
    return gross, free
