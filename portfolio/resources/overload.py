"""Who has too much in which week, what weighs most, and what could be moved: to whom, or to when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from portfolio.resources.capacity import NOTHING, Hours, Numbers
from portfolio.resources.heat import HeatMap, heat_map, of_load
from portfolio.resources.load import Envelopes, Load, Work, book, by_period, envelopes, spread_work
from portfolio.resources.periods import MOST, Columns, Periods, weeks_from
from portfolio.resources.pieces import NEVER, hours_by_day, windows
from portfolio.resources.plan import Plan
from portfolio.resources.rows import take
from portfolio.resources.staffing import staffing

MOST_ITEMS = 5
"""Items of a conflict that are looked at: those with the most hours."""
MOST_RECEIVERS = 3
MOST_PEERS = 200
"""Persons an item is tried on: those with the most free hours in the week."""


class Over(NamedTuple):
    """A person (place) who has too much in a week (place): hours over on single days, and the weight of the weightiest
    project they have firm hours of in it."""

    carrier: int
    week: int
    hours: float
    weight: float

    @property
    def score(self) -> float:
        """What the conflict weighs."""
        return self.hours * self.weight


class Receiver(NamedTuple):
    """Somebody who could do an item: their place, whether it is of a project new to them, and the hours they have free
    in its time."""

    carrier: int
    is_new: bool
    free: float


@dataclass(frozen=True)
class Move:
    """What could be done about an item: who could take it, and the first day it could be due instead; 0: none within
    half a year. `hours` are those it takes of the week; `others` (places) do it, too."""

    item: int
    hours: float
    others: tuple[int, ...]
    receivers: tuple[Receiver, ...]
    due: int


def overloads(plan: Plan, weeks: Periods, weight: Hours) -> list[Over]:
    """All person-weeks with too much, those that weigh most first. `weight` is by project (its place)."""
    found, persons = heat_map(plan, weeks), len(plan.persons)
    heavy = np.full(found.hard.shape, weight.min(initial=np.inf))
    # Where all weigh the same, nobody has to know who works on what.
    if np.unique(weight).size > 1:
        shares = staffing(plan, weeks)
        np.maximum.at(heavy, shares.carrier, np.where(shares.hard > NOTHING, weight[shares.project][:, None], 0.0))
    carriers, places = (it.tolist() for it in np.nonzero(found.over_in[:persons]))
    result = [
        Over(carrier, week, float(found.over[carrier, week]), float(heavy[carrier, week]))
        for carrier, week in zip(carriers, places, strict=True)
    ]
    return sorted(result, key=lambda it: (-it.score, -it.hours, it.week, it.carrier))


class Room:
    """Where there is room for work: the load of everybody by day for half a year, the most that is looked ahead."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.weeks = weeks_from(plan.as_of, MOST[Columns.WEEK])
        self.load: Load = plan.load(self.weeks.days[0], self.weeks.last)
        firm = (plan.rows.work, plan.hard)
        self._carriers, self._projects = (
            np.concatenate([part.carrier for part in firm]),
            np.concatenate([part.project for part in firm]),
        )

    def moves(self, over: Over, peers: Numbers, visible: NDArray[np.bool_]) -> tuple[Move, ...]:
        """What could be done about the items that make a week too much: those with the most hours in it first.

        An item may go to one of the `peers` (places) who has room for all of it in its time, so that no day of theirs
        is too much: whoever works on its project already first, then who has the most free. Or it may be due later: on
        the first day that ends the conflict and makes nothing worse. It is spread as all work is. Only items of visible
        projects (by place) are looked at; one that is inside a firm booking with any part of it is not, for the booking
        would stay.
        """
        work, as_of = self.plan.rows.work, self.plan.as_of.toordinal()
        hers = np.flatnonzero((work.carrier == over.carrier) & (work.due < NEVER))
        of, booked = self.plan.rows.item[hers], np.isin(work.project[hers], self._booked(over))
        movable = np.isin(of, of[visible[work.project[hers]]]) & ~np.isin(of, of[booked])
        hers = hers[movable]
        items, line = np.unique(of[movable], return_inverse=True)
        capacity = np.tile(self.load.capacity[over.carrier], (len(hers), 1))
        tasks = spread_work(take(work, hers), self.plan.capacity, as_of)
        own = hours_by_day(np.arange(len(hers)), tasks, capacity, self.load.first)
        in_week = np.bincount(line, by_period(own, self.weeks.starts)[:, over.week], len(items))
        largest = [
            place for place in np.argsort(-in_week, kind="stable")[:MOST_ITEMS].tolist() if in_week[place] > 0.05
        ]
        mine, with_room = self._envelopes(over.carrier), self._most_free(peers[peers != over.carrier], over.week)
        result = []
        for place in largest:
            rows = take(work, hers[line == place])
            item = int(items[place])
            doing = np.unique(work.carrier[self.plan.rows.item == item])
            others = tuple(doing[doing != over.carrier].tolist())
            receivers = self._receivers(rows, with_room[~np.isin(with_room, doing)])
            due = self._later(over, mine, rows, own[line == place])
            result.append(Move(item, float(in_week[place]), others, receivers, due))
        return tuple(result)

    def held(self, over: Over) -> Mapping[int, int]:
        """The items of a conflict that stay in the week whatever becomes of them, and the project (its place) whose
        firm booking keeps their hours there."""
        work = self.plan.rows.work
        hers = np.flatnonzero((work.carrier == over.carrier) & np.isin(work.project, self._booked(over)))
        return dict(zip(self.plan.rows.item[hers].tolist(), work.project[hers].tolist(), strict=True))

    def _booked(self, over: Over) -> Numbers:
        """The projects that have a firm booking of the person in the week."""
        it, begins = self.plan.hard, self.load.first + self.weeks.starts
        first = begins[over.week]
        last = begins[over.week + 1] - 1 if over.week + 1 < len(begins) else self.weeks.last.toordinal()
        booked: Numbers = it.project[(it.carrier == over.carrier) & (it.first <= last) & (it.last >= first)]
        return booked

    def _most_free(self, peers: Numbers, week: int) -> Numbers:
        starts = self.weeks.starts
        stop = starts[week + 1] if week + 1 < len(starts) else self.load.hard.shape[1]
        days = slice(int(starts[week]), int(stop))
        free = (self.load.capacity[peers, days] - self.load.hard[peers, days]).sum(axis=1)
        order = np.argsort(-free, kind="stable")[:MOST_PEERS]
        some: Numbers = peers[order[free[order] > NOTHING]]
        return some

    def _receivers(self, rows: Work, peers: Numbers) -> tuple[Receiver, ...]:
        plan, load, count = self.plan, self.load, len(peers)
        hours, day = rows.hours.sum(), np.arange(load.first, load.first + load.hard.shape[1])
        start, due = (np.full(count, it[0]) for it in (rows.start, rows.due))
        first, last = windows(peers, start, due, plan.capacity, plan.as_of.toordinal())
        whole = plan.capacity.between(peers, first, last)
        within = (day >= first[:, None]) & (day <= last[:, None])
        capacity, hard = load.capacity[peers], load.hard[peers]
        rate = np.divide(hours, whole, out=np.zeros(count), where=whole > NOTHING)
        added = rate[:, None] * capacity * within
        fits = (whole > NOTHING) & np.all((added < NOTHING) | (hard + added <= capacity + NOTHING), axis=1)
        free = ((capacity - hard) * within).sum(axis=1)
        known = set(self._carriers[np.isin(self._projects, rows.project)].tolist())
        found = [
            Receiver(
                int(peers[place]),
                int(peers[place]) not in known,
                float(free[place]),
            )
            for place in np.flatnonzero(fits).tolist()
        ]
        return tuple(sorted(found, key=lambda it: (it.is_new, -it.free, it.carrier))[:MOST_RECEIVERS])

    def _later(self, over: Over, mine: Envelopes, rows: Work, own: Hours) -> int:
        """The first day the item could be due so that the week is not too much any more, and none is worse than now:
        the load of the plan in which it is due then, firm bookings of its projects included, which do not shrink."""
        load = self.load
        capacity, as_of = load.capacity[over.carrier], self.plan.as_of.toordinal()
        count = len(capacity)
        after = max(int(rows.due[0]), as_of) + 1 - load.first
        dues = np.arange(after, count)[capacity[after:] > NOTHING] if after < count else np.zeros(0, np.int64)
        if not len(dues):
            return 0
        first = np.minimum(max(int(rows.start[0]), as_of) - load.first, dues)
        day = np.arange(count)
        spread = capacity * ((day >= first[:, None]) & (day <= dues[:, None]))
        shares = spread / spread.sum(axis=1)[:, None]
        # What the item adds to each project's work on top of the rest of it; a booking of the project hides some.
        hard = np.tile(load.hard[over.carrier], (len(dues), 1))
        for project, hours, was in zip(rows.project.tolist(), rows.hours.tolist(), own, strict=True):
            kept = mine.project == project
            work, booked = (it[kept].sum(axis=0) for it in (mine.work, mine.booked))
            then = shares * hours - was
            hard += np.maximum(work + then, booked) - np.maximum(work, booked) if kept.any() else then
        before, after_all = (self._weekly(capacity, it) for it in (load.hard[[over.carrier]], hard))
        fits = ~after_all.over_in[:, over.week] & np.all(after_all.over <= before.over + NOTHING, axis=1)
        return int(dues[np.argmax(fits)]) + load.first if fits.any() else 0

    def _envelopes(self, carrier: int) -> Envelopes:
        """The work and the firm bookings of a person, of each project they are booked in."""
        work, hard, capacity = self.plan.rows.work, self.plan.hard, self.plan.capacity
        booked = take(hard, np.flatnonzero(hard.carrier == carrier))
        there = (work.carrier == carrier) & (work.due < NEVER) & np.isin(work.project, booked.project)
        dated = take(work, np.flatnonzero(there))
        tasks = spread_work(dated, capacity, self.plan.as_of.toordinal())
        return envelopes(dated, tasks, booked, book(booked, capacity), self.load.capacity, self.load.first)

    def _weekly(self, capacity: Hours, hard: Hours) -> HeatMap:
        """Different loads of one person, by week."""
        same = np.broadcast_to(capacity, hard.shape)
        return of_load(Load(self.load.first, same, hard, np.zeros_like(hard)), self.weeks)
