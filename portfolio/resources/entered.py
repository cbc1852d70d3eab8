"""A plan with what people entered since it was read: bookings, and how much persons can work. Open work stays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

import numpy as np
from sqlalchemy import Connection

from portfolio.resources.booked import NOBODY, Booked, read_booked
from portfolio.resources.calendars import read_capacity
from portfolio.resources.load import Bookings
from portfolio.resources.plan import AHEAD, Plan, first_day
from portfolio.resources.rows import take


def with_entered(connection: Connection, plan: Plan, persons: Collection[int] | None) -> Plan | None:
    """The plan with all bookings as they stand, and with the capacity of these persons (ids; None: of everybody).

    None where it names somebody or a project that was not there when the plan was read: then all is to be read anew.
    Bookings are few beside open work: they are all read, and those that are not as they were say whose load is another.
    A role that nothing is booked for any more stays in the plan, with nothing to do.
    """
    booked = read_booked(connection, plan.as_of)
    if not _knows(plan, booked, persons or ()):
        return None
    roles = tuple(sorted({*plan.roles, *booked.roles.values()}))
    moved = plan.with_roles(roles)
    nobody = {role: place for place, role in enumerate(roles, len(plan.persons))}
    first = first_day(booked, plan.as_of)
    hard, soft = booked.bookings(plan.persons, plan.projects, nobody, first.toordinal())
    last = date.fromordinal(plan.capacity.last)
    if persons is None or roles != plan.roles or first.toordinal() != plan.capacity.first:
        capacity = read_capacity(connection, plan.persons, len(roles), first, plan.as_of + AHEAD)
        return replace(moved, hard=hard, soft=soft, capacity=capacity)
    ids = np.array(sorted(persons), np.int64)
    places = np.searchsorted(plan.persons, ids)
    own = read_capacity(connection, ids, 0, first, last)
    capacity = plan.capacity.with_own(places, own) if len(ids) else plan.capacity
    touched = {*places.tolist(), *_others(plan.hard, hard), *_others(plan.soft, soft)}
    return replace(plan, hard=hard, soft=soft, capacity=capacity).following(plan, touched)


def _knows(plan: Plan, booked: Booked, persons: Collection[int]) -> bool:
    named = np.concatenate([booked.person[booked.person != NOBODY], np.array(list(persons), np.int64)])
    return bool(np.isin(named, plan.persons).all() and np.isin(booked.project, plan.projects).all())


def _others(before: Bookings, after: Bookings) -> set[int]:
    """The carriers whose bookings are not what they were. What is the same at the beginning and at the end of both is
    left out: they are in the order in which they were made, and seldom more than one is another."""
    begins = _alike(before, after)
    ends = _alike(*(take(it, np.arange(len(it.carrier) - 1, begins - 1, -1)) for it in (before, after)))
    return {who for it in (before, after) for who in it.carrier[begins : len(it.carrier) - ends].tolist()}


def _alike(some: Bookings, other: Bookings) -> int:
    """How many rows are the same from the first on."""
    count = min(len(some.carrier), len(other.carrier))
    same = np.logical_and.reduce([one[:count] == two[:count] for one, two in zip(some, other, strict=True)])
    return count if same.all() else int(np.argmin(same))
