"""The hours of all persons together as of a day: read from worklogs, capacity and the plan."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from sqlalchemy import Connection, case, func, select

from portfolio.facts.earned import logged_on
from portfolio.facts.gather import Day
from portfolio.facts.staffed import Agreement, Ahead, Closed, Covered, Roles, Staffed, exact
from portfolio.model.base import FAR
from portfolio.model.people import Person
from portfolio.model.resources import PersonTerms
from portfolio.model.work import Worklog
from portfolio.resources.actual import closed_weeks, held, read_compared
from portfolio.resources.calendars import read_capacity
from portfolio.resources.capacity import NOTHING, Hours, Numbers
from portfolio.resources.demand import demand
from portfolio.resources.groups import Grouping, groups_of
from portfolio.resources.heat import heat_map
from portfolio.resources.load import by_period
from portfolio.resources.periods import DAY, WEEK, Columns, periods_from, weeks_from
from portfolio.resources.plan import Plan, read_plan
from portfolio.resources.skills import Skills, read_skills

WEEKS, MONTHS = 4, 3
"""So many weeks that were over, so many that come, and so many months."""
STAND_INS = 2
"""So many persons have to have a skill, so that it does not hang on one. Source: RES-09."""
_HOUR = 3600


def read_staffed(connection: Connection, day: Day) -> Staffed:
    """What is known of all persons at the end of the day. What is ahead is not made up for a past day."""
    if day.is_past:
        return Staffed(read_closed(connection, day.as_of))
    return staffed_by(connection, day, read_plan(connection, day.as_of, day.now))


def staffed_by(connection: Connection, day: Day, plan: Plan) -> Staffed:
    """The same, by a plan that was read for a day that is not past."""
    closed = read_closed(connection, day.as_of)
    return Staffed(
        closed,
        _ahead(plan),
        _by_role(connection, plan),
        _agreement(connection, day.as_of),
        covered(read_skills(connection, day.as_of), connection.scalars(select(Person.id).where(Person.active)).all()),
    )


def covered(skills: Skills, active: Collection[int]) -> Covered:
    """How many of the skills that roles ask for two or more of these persons have, whatever their own role."""
    known = [own for person_id in active if (own := skills.of(person_id))]
    required = [need for of_role in skills.of_roles.values() for need in of_role.items()]
    enough = [sum(own.get(skill, 0) >= level for own in known) >= STAND_INS for skill, level in required]
    return Covered(len(known), len(required), sum(enough))


def _agreement(connection: Connection, as_of: date) -> Agreement:
    found = held(read_compared(connection, closed_weeks(as_of, WEEKS)))
    least, most = (sum(pick(it.planned, it.logged) for it in found) for pick in (min, max))
    return Agreement(len({it.person_id for it in found}), exact(least), exact(most))


def read_closed(connection: Connection, as_of: date) -> Closed:
    """The last weeks, Monday to Sunday, that were over before the day; capacity as it held on each of their days."""
    first, last = (weeks := closed_weeks(as_of, WEEKS))[0], weeks[-1] + WEEK - DAY
    persons = np.array(connection.scalars(select(Person.id).order_by(Person.id)).all(), np.int64)
    starts = np.arange(0, WEEKS * WEEK.days, WEEK.days)
    days = np.arange(first.toordinal(), last.toordinal() + 1)
    daily = read_capacity(connection, persons, 0, first, last, gone=True).daily(int(days[0]), int(days[-1]))
    daily *= days <= _until(connection, persons)[:, None]
    capacity = by_period(daily, starts) if len(persons) else np.zeros((0, WEEKS))
    logged, billable = np.zeros_like(capacity), np.zeros_like(capacity)
    elsewhere = 0.0
    it = Worklog
    rows: Any = connection.execute(
        select(
            it.person_id,
            it.work_date,
            func.sum(it.seconds),
            func.sum(case((it.billable.is_(True), it.seconds), else_=0)),
        )
        .where(logged_on(last), it.work_date >= first)
        .group_by(it.person_id, it.work_date)
    )
    for person_id, work_date, seconds, billed in rows:
        week = (work_date - first).days // WEEK.days
        place = -1 if person_id is None else int(np.searchsorted(persons, person_id))
        if place < 0 or capacity[place].sum() <= NOTHING:
            elsewhere += float(seconds) / _HOUR
            continue
        logged[place, week] += float(seconds) / _HOUR
        billable[place, week] += float(billed) / _HOUR
    ever = connection.scalar(select(it.id).where(logged_on(as_of)).limit(1)) is not None
    return Closed(
        _working(capacity),
        _sum(capacity),
        _sum(logged),
        _sum(billable),
        _sum(np.minimum(logged, capacity)),
        exact(elsewhere),
        ever,
    )


def _until(connection: Connection, persons: Numbers) -> Numbers:
    """The last day on which each of these persons counts. Of who is not active any more it is that of their last time
    logged, or on which terms of theirs ended, whichever is later: nobody tells when they went."""
    until = np.full(len(persons), FAR.toordinal())
    gone = select(Person.id).where(~Person.active)
    until[np.isin(persons, connection.scalars(gone).all())] = 0
    for whom, day, last in (
        (Worklog.person_id, Worklog.work_date, 0),
        (PersonTerms.person_id, PersonTerms.valid_to, 1),
    ):
        latest_of: Any = connection.execute(select(whom, func.max(day)).where(whom.in_(gone), day < FAR).group_by(whom))
        for person_id, latest in latest_of:
            place = np.searchsorted(persons, person_id)
            until[place] = max(until[place], latest.toordinal() - last)
    return until


def _ahead(plan: Plan) -> Ahead:
    found = heat_map(plan, weeks_from(plan.as_of, WEEKS))
    persons = np.arange(len(plan.persons))
    works = found.capacity[persons].sum(axis=1) > NOTHING
    whom = persons[works]
    return Ahead(
        len(whom),
        _sum(found.capacity[whom]),
        _sum(found.hard[whom]),
        _sum(found.soft[whom]),
        _sum(found.over[whom]),
        int(found.is_over[whom].sum()),
        _sum(found.hard[persons[~works]]),
    )


def _by_role(connection: Connection, plan: Plan) -> Roles:
    roles = groups_of(connection, Grouping.ROLE, plan.persons, plan.as_of)
    found = demand(plan, roles, periods_from(plan.as_of, Columns.MONTH, MONTHS))
    known = [row for row, role in enumerate(found.roles) if role is not None]
    gaps = np.array([[need.gap for need in found.needs(row)] for row in known]).reshape(-1, MONTHS)
    missing = np.minimum(gaps, 0.0)
    wanted = found.firm + found.unassigned
    return Roles(
        _sum(found.capacity[known]),
        _sum(wanted[known]),
        _sum(-missing),
        len(known),
        int((missing < 0).any(axis=1).sum()),
        _sum(np.delete(wanted, known, axis=0)),
    )


def _working(capacity: Hours) -> int:
    """How many persons have any capacity."""
    return int((capacity.sum(axis=1) > NOTHING).sum())


def _sum(hours: Hours) -> Fraction:
    return exact(float(hours.sum()))
