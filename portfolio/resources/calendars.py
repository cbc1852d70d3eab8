"""How persons work, as it is kept: read into numbers (`portfolio.resources.capacity`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, select, true

from portfolio.calendar import PORTFOLIO_CALENDAR, hours_by_calendar
from portfolio.dated import History, on
from portfolio.model.base import EVER
from portfolio.model.people import Calendar, Holiday, Person, TimeOff
from portfolio.model.resources import PersonTerms
from portfolio.resources.capacity import WEEK, Absence, Capacity, Numbers, Pattern, Terms, Week
from portfolio.resources.hours import hours_of
from portfolio.resources.working_time import WorkingTime, read_working_time

Told = TypeVar("Told")
Value = TypeVar("Value")
_FEW = 500
_NO_HOLIDAYS: Mapping[int, float] = {}


class _Patterns:
    """The patterns persons and roles work by, each once."""

    def __init__(self, connection: Connection) -> None:
        holidays: dict[int, dict[int, float]] = defaultdict(dict)
        for calendar_id, day, fraction in connection.execute(
            select(Holiday.calendar_id, Holiday.day, Holiday.fraction)
        ):
            holidays[calendar_id][day.toordinal()] = float(fraction)
        self._holidays = holidays
        usual = read_working_time(connection)
        self._left = _each(usual, lambda it: 1 - it.overhead_percent / 100)
        self._hours: dict[int | None, History[Week]] = {None: _each(usual, _days_of)}
        self.names = dict(connection.execute(select(Calendar.name, Calendar.id)).all())
        self._organisation = self.names.get(PORTFOLIO_CALENDAR)
        for calendar_id, told in hours_by_calendar(connection).items():
            self._hours[calendar_id] = _each(told, hours_of)
        self.known: list[Pattern] = []
        self._places: dict[tuple[int | None, str | None], int] = {}

    def place(self, calendar_id: int | None = None, own: str | None = None) -> int:
        """Where the pattern of a calendar (None: the organisation's) stands among those known, without what meetings
        and support take; with a person's own hours of a week, the holidays alone are the calendar's."""
        key = self._organisation if calendar_id is None else calendar_id
        place = self._places.get((key, own))
        if place is None:
            hours = self._hours[key] if own is None else ((EVER, hours_of(own)),)
            place = self._places[key, own] = self._known(_less(hours, self._left), key)
        return place

    def role(self) -> int:
        """The place of all the organisation's hours: what meetings and support take is persons' alone."""
        return self._known(self._hours[self._organisation], self._organisation)

    def _known(self, hours: History[Week], calendar_id: int | None) -> int:
        (_, first), *later = hours
        holidays = _NO_HOLIDAYS if calendar_id is None else self._holidays[calendar_id]
        self.known.append(Pattern(first, holidays, [(day.toordinal(), week) for day, week in later]))
        return len(self.known) - 1


def _each(told: History[Told], made: Callable[[Told], Value]) -> History[Value]:
    return tuple((day, made(value)) for day, value in told)


def _days_of(usual: WorkingTime) -> Week:
    return (usual.minutes_per_day / 60,) * 5 + (0.0,) * (WEEK - 5)


def _less(hours: History[Week], left: History[float]) -> History[Week]:
    """The hours of which a share is left, on each day the one that holds."""
    days = sorted({day for day, _ in (*hours, *left)})
    return tuple((day, tuple(it * on(left, day) for it in on(hours, day))) for day in days)


def read_capacity(
    connection: Connection, persons: Numbers, roles: int, first: date, last: date, *, gone: bool = False
) -> Capacity:
    """The capacity of all persons, or of some (their ids, in order), on the days from `first` to `last`; and after them
    that of so many roles, each like one person who works all the organisation's hours: it only says how what nobody was
    named for spreads over days. Whoever is not active any more has none; with `gone` they have what they would have, as
    nobody tells when they went.
    """
    patterns = _Patterns(connection)
    span = first.toordinal(), last.toordinal() + 1
    terms, organisation = [], patterns.role()
    places = {person_id: place for place, person_id in enumerate(persons.tolist())}
    for person_id, told in _told(connection, places, gone=gone).items():
        place = places[person_id]
        for since, until, calendar_id, hours, fte in told or [(*span, None, None, Decimal(1))]:
            terms.append(Terms(place, since, until, patterns.place(calendar_id, hours), float(fte)))
    terms += [Terms(len(persons) + role, *span, organisation, 1.0) for role in range(roles)]
    absences = _absences(connection, places, first, last)
    return Capacity(len(persons) + roles, patterns.known, terms, absences, span[0], span[1] - 1)


def _told(
    connection: Connection, persons: Collection[int], *, gone: bool
) -> dict[int, list[tuple[int, int, int | None, str | None, Decimal]]]:
    """The terms of those of the persons who are active, with `gone` of others too, by person; nobody said anything of
    who has none."""
    it = PersonTerms
    query = select(Person.id, it.valid_from, it.valid_to, it.calendar_id, it.hours, it.fte)
    found: dict[int, list[tuple[int, int, int | None, str | None, Decimal]]] = defaultdict(list)
    counts = true() if gone else Person.active
    for person_id, since, until, calendar_id, hours, fte in connection.execute(
        query.outerjoin(it, it.person_id == Person.id).where(counts, _among(Person.id, persons))
    ):
        if person_id not in persons:
            continue
        told = found[person_id]
        if since is not None:
            told.append((since.toordinal(), until.toordinal(), calendar_id, hours, fte))
    return found


def _absences(connection: Connection, places: Mapping[int, int], first: date, last: date) -> list[Absence]:
    query = select(TimeOff.person_id, TimeOff.start, TimeOff.end, TimeOff.fraction)
    these = (TimeOff.start <= last, TimeOff.end >= first, _among(TimeOff.person_id, places))
    rows: Sequence[Any] = connection.execute(query.where(*these)).all()
    return [
        Absence(places[person_id], start.toordinal(), end.toordinal(), float(fraction))
        for person_id, start, end, fraction in rows
        if person_id in places
    ]


def _among(column: Any, persons: Collection[int]) -> ColumnElement[bool]:
    """Whether a row is of one of the persons; of so many that a statement could not name them it is asked of all."""
    return column.in_(list(persons)) if len(persons) <= _FEW else true()


class Working(NamedTuple):
    """How persons work by calendar (None: the organisation's), and how a role does that nobody was named for."""

    calendars: Mapping[str | None, Pattern]
    role: Pattern


def read_patterns(connection: Connection) -> Working:
    """The patterns of all calendars, as `read_capacity` takes them."""
    patterns = _Patterns(connection)
    places = {None: patterns.place()} | {name: patterns.place(ident) for name, ident in patterns.names.items()}
    role = patterns.role()
    return Working({name: patterns.known[place] for name, place in places.items()}, patterns.known[role])
