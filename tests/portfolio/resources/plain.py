"""Load computed plainly and exactly, one item, person and day after the other: what the fast way is held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

Hours = Mapping[tuple[str, int], Fraction]
NO_ONE = "-"


@dataclass(frozen=True)
class Term:
    since: int
    until: int
    hours: tuple[Fraction, ...]
    holidays: Mapping[int, Fraction]
    factor: Fraction


@dataclass(frozen=True)
class Human:
    terms: Sequence[Term]
    off: Mapping[int, Fraction] = field(default_factory=dict)
    _known: dict[int, Fraction] = field(default_factory=dict, init=False, compare=False, repr=False)

    def capacity(self, day: int) -> Fraction:
        if day not in self._known:
            self._known[day] = self._compute(day)
        return self._known[day]

    def _compute(self, day: int) -> Fraction:
        for term in self.terms:
            if term.since <= day < term.until:
                free = max(Fraction(0), 1 - term.holidays.get(day, Fraction(0)) - self.off.get(day, Fraction(0)))
                return term.hours[(day - 1) % 7] * free * term.factor
        return Fraction(0)


@dataclass(frozen=True)
class Task:
    """`shares` of persons and of projects, each adding up to 1."""

    persons: Mapping[str, Fraction]
    projects: Mapping[str, Fraction]
    hours: Fraction
    start: int | None
    due: int | None


@dataclass(frozen=True)
class Booking:
    person: str
    project: str
    first: int
    last: int
    hard: bool
    share: Fraction = Fraction(0)
    per_day: Fraction = Fraction(0)
    total: Fraction = Fraction(0)


def window(human: Human, start: int | None, due: int, as_of: int, horizon: int) -> range:
    if due < as_of:
        some = [day for day in range(as_of, horizon + 1) if human.capacity(day)][:5]
        return range(as_of, (some[-1] if some else as_of) + 1)
    first = max(start or as_of, as_of)
    return range(min(first, due), due + 1)


def spread(human: Human, days: range, hours: Fraction) -> Iterator[tuple[int, Fraction]]:
    capacity = {day: human.capacity(day) for day in days}
    whole = sum(capacity.values())
    if not whole:
        yield days[-1], hours
        return
    for day, own in capacity.items():
        yield day, hours * own / whole


def load(
    people: Mapping[str, Human], tasks: Sequence[Task], bookings: Sequence[Booking], as_of: int, horizon: int
) -> tuple[Hours, Hours]:
    """The hard and the soft hours by person and day."""
    work: dict[tuple[str, str, int], Fraction] = defaultdict(Fraction)
    booked: dict[bool, dict[tuple[str, str, int], Fraction]] = {
        True: defaultdict(Fraction),
        False: defaultdict(Fraction),
    }
    for task in tasks:
        if task.due is None:
            continue
        for person, share in task.persons.items():
            human = people[person]
            days = window(human, task.start, task.due, as_of, horizon)
            for day, hours in spread(human, days, task.hours * share):
                for project, quota in task.projects.items():
                    work[person, project, day] += hours * quota
    for booking in bookings:
        human, into = people[booking.person], booked[booking.hard]
        days = range(booking.first, booking.last + 1)
        place = booking.person, booking.project
        for day in days:
            capacity = human.capacity(day)
            into[*place, day] += booking.share * capacity + (booking.per_day if capacity else 0)
        if booking.total:
            for day, hours in spread(human, days, booking.total):
                into[*place, day] += hours
    hard: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    soft: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    for person, project, day in work.keys() | booked[True].keys():
        hard[person, day] += max(work[person, project, day], booked[True][person, project, day])
    for (person, _, day), hours in booked[False].items():
        soft[person, day] += hours
    return hard, soft
