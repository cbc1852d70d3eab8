"""What a booking does to the person's load: that of the plan with it beside that without. No arithmetic of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from portfolio.bookings.wish import HARD, WHOLE, Wish
from portfolio.resources.capacity import NOTHING, Hours
from portfolio.resources.kept import kept_plan
from portfolio.resources.load import Bookings, by_period
from portfolio.resources.periods import Periods, weeks_from
from portfolio.resources.plan import Plan
from portfolio.resources.rows import take
from portfolio.store.engine import reading
from portfolio.store.locks import Lock, exclusive


@dataclass(frozen=True)
class Over:
    """A week in which a booking makes too much, or more of it: hours more than without it, and in all, day by day."""

    week: date
    more: float
    hours: float


@dataclass(frozen=True)
class Effect:
    """What a booking does: the weeks it makes too much, whether it comes to no hours at all because the person works on
    none of its days, and whether it takes more than all of what they can do."""

    over: tuple[Over, ...] = ()
    idle: bool = False
    more_than_whole: bool = False

    @property
    def hours(self) -> float:
        """The hours too much that it brings."""
        return sum(week.more for week in self.over)

    @property
    def warns(self) -> bool:
        """Whether somebody is to say that it is meant."""
        return bool(self.over) or self.idle or self.more_than_whole


NONE = Effect()


def effect(plan: Plan, wish: Wish, instead_of: Wish | None = None) -> Effect:
    """What the wish does to its person, `instead_of` a booking of the plan that it replaces. `plan` is as of today.

    What is only proposed makes nobody's load too much; how much it would, is asked by a firm wish. A role has no load.
    """
    place = place_of(plan, wish.person_id)
    if place is None or wish.kind != HARD:
        return NONE
    rows, hard = plan.rows, plan.hard
    mine = replace(
        plan,
        rows=rows.some(rows.work.carrier == place),
        hard=take(hard, hard.carrier == place),
        soft=take(plan.soft, np.zeros(len(plan.soft.carrier), np.bool_)),
    )
    without = mine.hard if instead_of is None else _without(mine, place, instead_of)
    added = _row(mine, place, wish)
    booked = Bookings(*(np.concatenate(both) for both in zip(without, added, strict=True)))
    first = max(wish.start, plan.as_of)
    weeks = _weeks(first, wish.end)
    before, after = (_over(it, place, weeks) for it in (mine, replace(mine, hard=booked)))
    over = tuple(
        Over(day, more, hours)
        for day, more, hours in zip(weeks.days, (after - before).tolist(), after.tolist(), strict=True)
        if more > NOTHING
    )
    daily = plan.capacity.between(*(np.array([it]) for it in (place, first.toordinal(), wish.end.toordinal())))
    return Effect(over, idle=bool(daily[0] <= NOTHING), more_than_whole=wish.more_than_whole)


def effect_now(store: Connection, wish: Wish, now: datetime, instead_of: Wish | None = None) -> Effect:
    """`effect` by the plan as it stands, in which nobody books anything until the transaction ends: of two who book at
    once the second is asked, too. The plan is read by another connection, which sees one moment of the database."""
    exclusive(store, Lock.STRUCTURE)
    with reading(store.engine) as connection:
        return effect(kept_plan(connection, now.date(), now), wish, instead_of)


def place_of(plan: Plan, person_id: int | None) -> int | None:
    """Where the person stands in the plan; None for nobody."""
    if person_id is None:
        return None
    place = int(np.searchsorted(plan.persons, person_id))
    return place if place < len(plan.persons) and plan.persons[place] == person_id else None


def _row(plan: Plan, place: int, wish: Wish) -> Bookings:
    project = int(np.searchsorted(plan.projects, wish.project_id))
    return as_row(wish, place, project, plan.capacity.first)


def as_row(wish: Wish, carrier: int, project: int, first: int) -> Bookings:
    """The wish as bookings are computed with, from the day `first` on."""
    numbers = (carrier, project, max(wish.start.toordinal(), first), wish.end.toordinal())
    amounts = (float(wish.percent or 0) / WHOLE, float(wish.hours_per_day or 0), float(wish.total_hours or 0))
    who, where, since, until = (np.array([it], np.int64) for it in numbers)
    share, of_day, in_all = (np.array([it], np.float64) for it in amounts)
    return Bookings(who, where, since, until, share, of_day, in_all)


def _without(plan: Plan, place: int, booked: Wish) -> Bookings:
    """The firm bookings of the plan but for one like this: those that are alike do the same."""
    alike = np.all([np.isclose(of, one) for of, one in zip(plan.hard, _row(plan, place, booked), strict=True)], axis=0)
    kept: NDArray[np.bool_] = np.ones(len(alike), np.bool_)
    if booked.kind == HARD and booked.person_id == plan.persons[place]:
        kept[np.flatnonzero(alike)[:1]] = False
    return take(plan.hard, kept)


def _weeks(first: date, last: date) -> Periods:
    return weeks_from(first, 2 + (last - first).days // 7)


def _over(plan: Plan, place: int, weeks: Periods) -> Hours:
    over: Hours = by_period(plan.load_of(np.array([place]), weeks.days[0], weeks.last).over, weeks.starts)[0]
    return over
