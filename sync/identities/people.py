"""Persons as pages and commands list them: found, counted, and the accounts of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select, true

from portfolio.model.landing import Connection as Tracker
from portfolio.model.people import Erasure, Person, PersonIdentity, Team, TeamMember


class Line(NamedTuple):
    """A person in a list. `accounts` counts those at trackers."""

    id: int
    name: str
    active: bool
    role: str | None
    segment: str | None
    origin: str
    accounts: int
    erased: bool


class Account(NamedTuple):
    """An account of a person at a tracker. `address` is that of the tracker."""

    id: int
    connection: str
    tracker: str
    address: str
    external_id: str
    name: str
    handle: str | None
    active: bool


class Membership(NamedTuple):
    """A team a tracker tells of, and the person's share of it."""

    team: str
    share: Decimal


def _fits(text: str) -> ColumnElement[bool]:
    if not text:
        return true()
    account = (PersonIdentity.name, PersonIdentity.handle)
    theirs = or_(*(column.icontains(text, autoescape=True) for column in account))
    wanted = [
        Person.name.icontains(text, autoescape=True),
        Person.segment.icontains(text, autoescape=True),
        Person.role.icontains(text, autoescape=True),
        exists().where(PersonIdentity.person_id == Person.id, theirs),
    ]
    if text.isascii() and text.isdecimal() and len(text) < 19:
        wanted.append(Person.id == int(text))
    return or_(*wanted)


def count_people(store: Connection, text: str) -> int:
    """How many fit the text: a part of a name, handle, role or segment, or the number; everybody for none."""
    return store.scalar(select(func.count()).select_from(Person).where(_fits(text))) or 0


def list_people(store: Connection, text: str, most: int, offset: int = 0) -> Sequence[Line]:
    """Those who fit, by name."""
    query = _lines().where(_fits(text)).order_by(Person.name, Person.id).limit(most).offset(offset)
    return [Line(*row) for row in store.execute(query)]


def _lines() -> Select[Any]:
    counted = select(func.count()).where(PersonIdentity.person_id == Person.id).correlate(Person).scalar_subquery()
    erased = exists().where(Erasure.person_id == Person.id).correlate(Person)
    return select(Person.id, Person.name, Person.active, Person.role, Person.segment, Person.origin, counted, erased)


def find_line(store: Connection, person_id: int) -> Line | None:
    """One person; None where there is none."""
    row = store.execute(_lines().where(Person.id == person_id)).one_or_none()
    return Line(*row) if row is not None else None


def accounts_of(store: Connection, person_id: int) -> Sequence[Account]:
    """The accounts of a person."""
    identity = PersonIdentity
    columns = (identity.id, Tracker.name, Tracker.tracker, Tracker.address, identity.external_id, identity.name)
    query = select(*columns, identity.handle, identity.active).join(Tracker, Tracker.id == identity.connection_id)
    query = query.where(identity.person_id == person_id).order_by(Tracker.name, identity.id)
    return [Account(*row) for row in store.execute(query)]


def told_teams(store: Connection, person_id: int, day: date) -> Sequence[Membership]:
    """The teams that trackers tell of, on the day."""
    query = select(Team.name, TeamMember.share).join(Team, Team.id == TeamMember.team_id)
    query = query.where(TeamMember.person_id == person_id, Team.connection_id.is_not(None))
    query = query.where(TeamMember.valid_from <= day, TeamMember.valid_to > day).order_by(Team.name)
    return [Membership(*row) for row in store.execute(query)]
