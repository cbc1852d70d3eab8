"""The people: 180 of them in the given trackers, 30 in two, a few of them known under two spellings."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from simulator.company.calendar import Calendar
from simulator.company.names import email_of, people_names, plain
from simulator.company.plan import Person, Tracker

C, D, A = Tracker.CLOUD, Tracker.DATACENTER, Tracker.ASANA
_SEATS: tuple[tuple[tuple[Tracker, ...], int], ...] = (
    ((C, A), 14), ((C, D), 8), ((D, A), 8), ((C,), 64), ((D,), 42), ((A,), 44),
)  # fmt: skip
_ZONES = {
    "north": ("Europe/Berlin", "Europe/Stockholm"),
    "south": ("America/Sao_Paulo", "Europe/Lisbon"),
    "isles": ("Europe/London", "Atlantic/Azores"),
}


def _turned(name: str) -> str:
    given, _, family = name.partition(" ")
    return f"{family}, {given}"


def _time_off(rng: Random, today: date) -> list[tuple[date, date]]:
    """One to three absences of a week or two each year, and for some one that is still to come."""
    spans = []
    for _ in range(rng.randint(2, 4)):
        first = today - timedelta(days=rng.randint(5, 540))
        spans.append((first, first + timedelta(days=rng.choice((4, 6, 13)))))
    if rng.random() < 0.4:
        first = today + timedelta(days=rng.randint(-3, 60))
        spans.append((first, first + timedelta(days=rng.choice((4, 11)))))
    return sorted(spans)


def build_people(rng: Random, calendars: dict[str, Calendar], today: date) -> list[Person]:
    """Everybody with an account, apps last. The first 30 work in two trackers; every 12th of the rest has left."""
    seats = [trackers for trackers, count in _SEATS for _ in range(count)]
    people: list[Person] = []
    for ident, (trackers, name) in enumerate(zip(seats, people_names(rng, len(seats)), strict=True)):
        region = rng.choices(("north", "south", "isles"), (5, 3, 2))[0]
        alias = name
        if len(trackers) > 1 and name != plain(name):
            alias = plain(name)
        elif len(trackers) > 1 and ident % 6 == 5:
            alias = _turned(name)
        shown = f" {name} " if ident % 50 == 33 else name  # some names are padded, as people typed them
        people.append(
            Person(
                ident=ident,
                name=shown,
                alias=alias,
                email=email_of(name),
                trackers=trackers,
                calendar=calendars[region],
                time_zone=rng.choice(_ZONES[region]),
                load=_load(ident),
                hidden_email=C in trackers and ident % 5 == 2,
                active=not (ident >= 30 and ident % 12 == 7),
                time_off=_time_off(rng, today),
            )
        )
    apps = (("Flow Robot", (C,)), ("Chat Relay", (C,)), ("Build Robot", (D,)), ("Form Robot", (A,)))
    for name, trackers in apps:
        people.append(
            Person(
                ident=len(people), name=name, alias=name, email="", trackers=trackers, calendar=calendars["north"],
                time_zone="Etc/UTC", human=False,
            )
        )  # fmt: skip
    return people


def _load(ident: int) -> str:
    if ident % 15 == 4:
        return "overloaded"
    return "idle" if ident % 11 == 6 else "normal"
