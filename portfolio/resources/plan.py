"""The plan as it stands: all open work, bookings and capacity, as the numbers load is computed from.

Nothing is guessed silently: what has no estimate or no date is in no load, and is listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from portfolio.model.people import Person
from portfolio.model.structure import Project
from portfolio.resources.booked import NO_ROLE, NOBODY, Booked, read_booked
from portfolio.resources.calendars import read_capacity
from portfolio.resources.capacity import Capacity, Hours, Numbers
from portfolio.resources.load import Bookings, Load, Work, load
from portfolio.resources.memo import Change, Memo
from portfolio.resources.open_work import OpenItems, OpenWork, read_open_work
from portfolio.resources.pieces import NEVER
from portfolio.resources.points import Rate, rates
from portfolio.resources.rows import lines, take

AHEAD = timedelta(days=3660)
"""How far capacity is known. What is due later is done within it, and a booking began no earlier than so long ago."""
AT_ONCE = 2_000
"""Of so many carriers the hours by day of a year are some megabytes, which the memory at hand holds."""
_BITS = 32
Part = TypeVar("Part", Work, Bookings)
NO_RATE = Rate(np.nan, np.nan, np.nan, 0)


class Rows(NamedTuple):
    """Work, with the item of each row and whether work on that has begun. Hours that were made of points are from `low`
    to `high` by the band of the project's rate; of others these are no numbers."""

    item: Numbers
    running: Numbers
    work: Work
    low: Hours
    high: Hours

    def some(self, wanted: NDArray[np.bool_] | Numbers) -> Rows:
        """The rows that are wanted: whether, or which."""
        low, high = self.low[wanted], self.high[wanted]
        return Rows(self.item[wanted], self.running[wanted], take(self.work, wanted), low, high)

    @property
    def derived(self) -> NDArray[np.bool_]:
        """Whether the hours were made of points."""
        return ~np.isnan(self.low)


class Unplanned(NamedTuple):
    """Open work that is in no load: item, carrier and project (their places), and hours where they are known."""

    item: Numbers
    carrier: Numbers
    project: Numbers
    hours: Hours


Carried = TypeVar("Carried", Work, Bookings, Unplanned)


@dataclass(frozen=True)
class Plan:
    """What is planned as of a day. `persons` and `projects` are ids, in order; carriers are the persons, and after them
    the roles of work and bookings nobody was named for.

    `no_estimate`: nobody said what remains. `no_date`: it has no due date, nor an open sprint that ends.
    `nothing_left`: work on it has begun and nothing remains, so that it is done, or its estimate is wrong.
    """

    as_of: date
    persons: Numbers
    roles: tuple[str, ...]
    projects: Numbers
    rows: Rows
    hard: Bookings
    soft: Bookings
    capacity: Capacity
    no_estimate: Unplanned
    no_date: Unplanned
    nothing_left: Unplanned
    memo: Memo = field(init=False, repr=False, compare=False, default_factory=Memo)
    """What was worked out of it: nobody changes a plan."""

    @property
    def unplanned(self) -> Mapping[str, Unplanned]:
        """What is in no load, by what is missing."""
        return {"no_estimate": self.no_estimate, "no_date": self.no_date, "nothing_left": self.nothing_left}

    def busy(self, projects: NDArray[np.bool_] | None = None) -> Sequence[int]:
        """The places of the persons who have anything to do, or have in these projects (whether, by place); whether
        they work here still or not."""
        return self.memo.once(("busy", None if projects is None else projects.tobytes()), lambda: self._busy(projects))

    def _busy(self, projects: NDArray[np.bool_] | None) -> list[int]:
        parts: list[Work | Bookings | Unplanned] = [self.rows.work, self.hard, self.soft, *self.unplanned.values()]
        busy = np.zeros(len(self.persons) + len(self.roles), np.bool_)
        for part in parts:
            busy[part.carrier if projects is None else part.carrier[projects[part.project]]] = True
        places: list[int] = np.flatnonzero(busy[: len(self.persons)]).tolist()
        return places

    def within(self, projects: NDArray[np.bool_]) -> Plan:
        """The plan without what nobody was named for in other projects than these (whether, by place). A person keeps
        all their load: that of other projects makes too much, too."""
        return (
            self if projects.all() else self.memo.once(("within", projects.tobytes()), lambda: self._within(projects))
        )

    def _within(self, projects: NDArray[np.bool_]) -> Plan:
        persons = len(self.persons)

        def kept(part: Work | Bookings) -> NDArray[np.bool_]:
            return (part.carrier < persons) | projects[part.project]

        narrowed = replace(
            self,
            rows=self.rows.some(kept(self.rows.work)),
            hard=take(self.hard, kept(self.hard)),
            soft=take(self.soft, kept(self.soft)),
        )
        return narrowed.following(self, range(persons, persons + len(self.roles)))

    def with_roles(self, roles: tuple[str, ...]) -> Plan:
        """The plan with these roles among its carriers, which are all it has and perhaps others, but without the
        capacity of those."""
        if roles == self.roles:
            return self
        persons = len(self.persons)
        places = np.array([*range(persons), *(persons + roles.index(role) for role in self.roles)], np.int64)
        return replace(self.with_carriers(places), roles=roles)

    def with_carriers(self, places: Numbers) -> Plan:
        """The plan with all that is carried at other places, by those it has now. Who has these is for who asks."""

        def moved(part: Carried) -> Carried:
            return part._replace(carrier=places[part.carrier])

        return replace(
            self,
            rows=self.rows._replace(work=moved(self.rows.work)),
            hard=moved(self.hard),
            soft=moved(self.soft),
            no_estimate=moved(self.no_estimate),
            no_date=moved(self.no_date),
            nothing_left=moved(self.nothing_left),
        )

    def following(self, before: Plan, touched: Iterable[int]) -> Plan:
        """This plan, which is as the one before but for what carriers do or can do that are touched (their places
        here), or new: what was worked out of that one by carrier holds here for all others.

        Of others rows, bookings and terms must be the same and in the same order. Persons and roles may be more:
        persons after those there were, roles anywhere; where a role is none any more nothing is taken over.
        """
        if set(before.roles) <= set(self.roles):
            count, roles = len(self.persons) + len(self.roles), {role: place for place, role in enumerate(self.roles)}
            places = [*range(len(before.persons)), *(len(self.persons) + roles[role] for role in before.roles)]
            others = {*touched, *(set(range(count)) - set(places))}
            self.memo.follow(before.memo, Change(np.array(places, np.int64), np.array(sorted(others), np.int64)))
        return self

    @property
    def carriers(self) -> Numbers:
        """All carriers, by their places."""
        return np.arange(len(self.persons) + len(self.roles))

    def load(self, first: date, last: date) -> Load:
        """The load on these days, both included."""
        days = first.toordinal(), last.toordinal()
        return load(self.rows.work, self.hard, self.soft, self.capacity, self.as_of.toordinal(), *days)

    def load_of(self, some: Numbers, first: date, last: date) -> Load:
        """The load of some carriers (their places, in order), a row each."""
        line = lines(some, len(self.carriers))

        def theirs(part: Part) -> Part:
            mine = take(part, np.flatnonzero(line[part.carrier] >= 0))
            return mine._replace(carrier=line[mine.carrier])

        parts = theirs(self.rows.work), theirs(self.hard), theirs(self.soft), self.capacity.some(some)
        return load(*parts, self.as_of.toordinal(), first.toordinal(), last.toordinal())


def portions(carriers: Numbers) -> Sequence[Numbers]:
    """Carriers some at a time, as many as load is quickest to compute of, and one portion at least."""
    return np.array_split(carriers, max(1, -(-len(carriers) // AT_ONCE)))


def read_plan(connection: Connection, as_of: date, now: datetime) -> Plan:
    """The plan as it stands. `now` carries the portfolio's time zone."""
    persons, projects = (
        np.array(connection.scalars(select(table.id).order_by(table.id)).all(), np.int64) for table in (Person, Project)
    )
    booked = read_booked(connection, as_of)
    read = read_open_work(connection, now.tzinfo)
    roles = tuple(sorted({NO_ROLE, *booked.roles.values(), *read.roles.values()}))
    nobody = {role: len(persons) + place for place, role in enumerate(roles)}
    items, low, high = _estimated(read.items, projects, rates(connection, as_of))
    rows = _rows(read._replace(items=items), low, high, persons, projects, nobody)
    hours, dated = rows.work.hours, rows.work.due < NEVER
    first = first_day(booked, as_of)
    hard, soft = booked.bookings(persons, projects, nobody, first.toordinal())
    return Plan(
        as_of=as_of,
        persons=persons,
        roles=roles,
        projects=projects,
        rows=rows.some(_by_carrier(rows.work.carrier, hours > 0)),
        hard=hard,
        soft=soft,
        capacity=read_capacity(connection, persons, len(roles), first, as_of + AHEAD),
        no_estimate=_unplanned(rows, np.isnan(hours)),
        no_date=_unplanned(rows, (hours > 0) & ~dated),
        nothing_left=_unplanned(rows, (hours == 0) & (rows.running > 0)),
    )


def first_day(booked: Booked, as_of: date) -> date:
    """From which day on capacity is to be known."""
    return max(as_of - AHEAD, date.fromordinal(booked.since(as_of.toordinal())))


def _estimated(items: OpenItems, projects: Numbers, known: Mapping[int, Rate]) -> tuple[OpenItems, Hours, Hours]:
    """The items with hours made of points where nobody said any and its project has a rate; with their band."""
    made = np.flatnonzero(np.isnan(items.hours) & (items.points > 0))
    by_project = np.array([known.get(ident, NO_RATE)[:3] for ident in projects.tolist()], np.float64).reshape(-1, 3)
    worth = items.points[made, None] * by_project[np.searchsorted(projects, items.project[made])]
    hours, low, high = items.hours.copy(), np.full(len(items.item), np.nan), np.full(len(items.item), np.nan)
    for column, values in zip((hours, low, high), worth.T, strict=True):
        column[made] = values
    return items._replace(hours=hours), low, high


def _rows(
    work: OpenWork, low: Hours, high: Hours, persons: Numbers, projects: Numbers, nobody: Mapping[str, int]
) -> Rows:
    """A row for each item, each who is to do it and each project it counts to: all have the same share of it. What
    nobody is assigned to is carried by its role."""
    items = work.items
    each = np.ones(len(items.item), np.int64)
    several = {
        int(np.searchsorted(items.item, ident)): list(
            product(work.persons.get(ident, [None]), work.projects.get(ident, [None]))
        )
        for ident in work.persons.keys() | work.projects.keys()
    }
    for place, shares in several.items():
        each[place] = len(shares)
    of = np.repeat(np.arange(len(items.item)), each)
    begins = np.cumsum(each) - each
    person, project = items.person[of], items.project[of]
    for place, shares in several.items():
        for number, (who, where) in enumerate(shares, begins[place]):
            person[number] = person[number] if who is None else who
            project[number] = project[number] if where is None else where
    unnamed = np.full(len(items.item), nobody[NO_ROLE])
    unnamed[np.searchsorted(items.item, list(work.roles))] = [nobody[role] for role in work.roles.values()]
    carrier = np.where(person == NOBODY, unnamed[of], np.searchsorted(persons, person))
    hours = items.hours[of] / each[of]
    return Rows(
        items.item[of],
        items.running[of],
        Work(carrier, np.searchsorted(projects, project), hours, items.start[of], items.due[of]),
        low[of] / each[of],
        high[of] / each[of],
    )


def _by_carrier(carrier: Numbers, wanted: NDArray[np.bool_]) -> Numbers:
    """The rows that are wanted in order of their carriers, and of each as they are. What is looked up for each row is
    looked up in order then, which takes a fraction of the time."""
    rows = np.flatnonzero(wanted)
    # Sorting whole numbers is several times as fast as finding the order of some.
    return np.sort(carrier[rows] << _BITS | rows) & ((1 << _BITS) - 1)


def _unplanned(rows: Rows, some: NDArray[np.bool_]) -> Unplanned:
    work = take(rows.work, some)
    return Unplanned(rows.item[some], work.carrier, work.project, work.hours)
