"""Plans made of what the plain way of computing load takes: persons, tasks and bookings by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

import numpy as np

from portfolio.resources.booked import NO_ROLE
from portfolio.resources.capacity import Pattern
from portfolio.resources.pieces import NEVER
from portfolio.resources.plan import Plan, Rows, Unplanned
from portfolio.scenario.names import Item, Names
from tests.portfolio.resources.columns import bookings_of, capacity_of, work_of
from tests.portfolio.resources.plain import Booking, Human, Task, Term

EIGHT = (Fraction(8),) * 5 + (Fraction(0),) * 2
TRACKER = "Tracker one"


def human(known: tuple[int, int], hours: Sequence[Fraction] = EIGHT, **off: Mapping[int, Fraction]) -> Human:
    """Somebody who works so many hours from Monday on."""
    return Human([Term(known[0], known[1] + 1, tuple(hours), {}, Fraction(1))], **off)


def plan_of(
    people: Mapping[str, Human],
    projects: Sequence[str],
    tasks: Mapping[str, Task],
    bookings: Sequence[Booking],
    as_of: int,
    known: tuple[int, int],
) -> Plan:
    """The plan of these: ids are places and one more. After the persons comes who does what is nobody's."""
    carriers = [*people, NO_ROLE]
    capacity = capacity_of({**people, NO_ROLE: human(known)}, *known)
    work = work_of(carriers, projects, list(tasks.values()))
    each = [len(task.persons) * len(task.projects) for task in tasks.values()]
    item = np.repeat(np.arange(len(tasks)) + 1, each)
    unknown = np.full(len(item), np.nan)
    rows = Rows(item, np.zeros_like(item), work, unknown, unknown)
    nothing = Unplanned(*(np.zeros(0, np.int64) for _ in range(3)), np.zeros(0))
    undated = work.due >= NEVER
    hard, soft = (bookings_of(carriers, projects, [it for it in bookings if it.hard is kind]) for kind in (True, False))
    return Plan(
        as_of=date.fromordinal(as_of),
        persons=np.arange(len(people)) + 1,
        roles=(NO_ROLE,),
        projects=np.arange(len(projects)) + 1,
        rows=rows,
        hard=hard,
        soft=soft,
        capacity=capacity,
        no_estimate=nothing,
        no_date=Unplanned(item[undated], work.carrier[undated], work.project[undated], work.hours[undated]),
        nothing_left=nothing,
    )


EIGHT_HOURS = Pattern(tuple(map(float, EIGHT)))


def names_of(people: Sequence[str], projects: Sequence[str], tasks: Sequence[str]) -> Names:
    """All of them, in sight."""
    return Names(
        items={key: [Item(place, TRACKER, over=False)] for place, key in enumerate(tasks, 1)},
        persons=dict(enumerate(people, 1)),
        projects={code: place for place, code in enumerate(projects)},
        calendars={None: EIGHT_HOURS},
        role=EIGHT_HOURS,
    )
