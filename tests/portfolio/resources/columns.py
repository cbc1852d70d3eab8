"""The columns the fast way reads, from what the plain way reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from portfolio.resources.capacity import Absence, Capacity, Pattern, Terms
from portfolio.resources.load import Bookings, Load, Work, load
from portfolio.resources.pieces import NEVER
from tests.portfolio.resources.plain import Booking, Human, Task


def capacity_of(people: Mapping[str, Human], first: int, last: int) -> Capacity:
    patterns: list[Pattern] = []
    terms: list[Terms] = []
    absences: list[Absence] = []
    for number, human in enumerate(people.values()):
        for term in human.terms:
            holidays = {day: float(fraction) for day, fraction in term.holidays.items()}
            terms.append(Terms(number, term.since, term.until, len(patterns), float(term.factor)))
            patterns.append(Pattern(tuple(map(float, term.hours)), holidays))
        absences += [Absence(number, day, day, float(fraction)) for day, fraction in human.off.items()]
    return Capacity(len(people), patterns, terms, absences, first, last)


def work_of(people: Sequence[str], projects: Sequence[str], tasks: Sequence[Task]) -> Work:
    rows = [
        (people.index(person), projects.index(project), float(task.hours * share * quota), task.start, task.due)
        for task in tasks
        for (person, share), (project, quota) in product(task.persons.items(), task.projects.items())
    ]
    carrier, project, hours, start, due = zip(*rows, strict=True) if rows else ((),) * 5
    return Work(
        np.array(carrier, np.int64),
        np.array(project, np.int64),
        np.array(hours, np.float64),
        np.array([day or 0 for day in start], np.int64),
        np.array([NEVER if day is None else day for day in due], np.int64),
    )


def bookings_of(people: Sequence[str], projects: Sequence[str], bookings: Sequence[Booking]) -> Bookings:
    numbers = [(people.index(it.person), projects.index(it.project), it.first, it.last) for it in bookings]
    amounts = [(it.share, it.per_day, it.total) for it in bookings]
    return Bookings(*np.array(numbers, np.int64).reshape(-1, 4).T, *np.array(amounts, np.float64).reshape(-1, 3).T)


def load_of(
    people: Mapping[str, Human],
    tasks: Sequence[Task],
    bookings: Sequence[Booking],
    as_of: int,
    days: tuple[int, int],
    known: tuple[int, int],
) -> Load:
    """The load on `days`, by a capacity that knows the days `known`."""
    names = list(people)
    projects = sorted({name for it in tasks for name in it.projects} | {it.project for it in bookings})
    hard, soft = (bookings_of(names, projects, [it for it in bookings if it.hard is kind]) for kind in (True, False))
    return load(work_of(names, projects, tasks), hard, soft, capacity_of(people, *known), as_of, *days)
