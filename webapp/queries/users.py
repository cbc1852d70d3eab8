"""The accounts as admins see them: who they are, what they may do, and which human of the trackers they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, case, false, func, or_, select

from portfolio.access.grants import HAND
from portfolio.access.roles import Grant, Role, Scope, ScopeType
from portfolio.model.access import RoleGrant
from portfolio.model.access import User as UserRow
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.people import Person, PersonIdentity
from portfolio.model.structure import Portfolio, Program, Project
from webapp.queries.search import contains

_USER = UserRow.__table__
_GRANT = RoleGrant.__table__
MOST_FOUND = 20
MOST_NAMED = 50


@dataclass(frozen=True)
class GrantLine:
    """One role over one scope, with the name of what it is held over; `origin` is hand or group."""

    grant: Grant
    place: str | None
    origin: str


@dataclass(frozen=True)
class Account:
    """An account. `person` is the human of the trackers it is linked to."""

    id: int
    name: str
    origin: str
    active: bool
    second_factor: bool
    created_at: datetime
    last_sign_in_at: datetime | None
    person_id: int | None
    person: str | None
    grants: tuple[GrantLine, ...]


@dataclass(frozen=True)
class Named:
    """A project that names a human: as its manager, as its sponsor, or as the manager of its program."""

    code: str
    name: str
    manages: bool
    sponsors: bool
    program: str | None


@dataclass(frozen=True)
class Candidate:
    """A human of the trackers, with the accounts they have there, and how many projects name them."""

    id: int
    name: str
    identities: tuple[tuple[str, str], ...]
    manages: int
    sponsors: int
    programs: int


def accounts(
    connection: Connection, *, text: str = "", role: Role | None = None, active: bool | None = None
) -> tuple[Account, ...]:
    """The accounts by name, in a fixed number of statements."""
    where = [contains(_USER.c.name, text)] if text else []
    if role is not None:
        where.append(_USER.c.id.in_(select(_GRANT.c.user_id).where(_GRANT.c.role == role.value)))
    if active is not None:
        where.append(_USER.c.active.is_(active))
    return _accounts(connection, *where)


def account(connection: Connection, user_id: int) -> Account | None:
    """One account."""
    return next(iter(_accounts(connection, _USER.c.id == user_id)), None)


def _accounts(connection: Connection, *where: ColumnElement[bool]) -> tuple[Account, ...]:
    rows = connection.execute(
        select(
            _USER.c.id,
            _USER.c.name,
            _USER.c.origin,
            _USER.c.active,
            _USER.c.totp_since.is_not(None).label("second_factor"),
            _USER.c.created_at,
            _USER.c.last_sign_in_at,
            _USER.c.person_id,
            Person.name.label("person"),
        )
        .outerjoin(Person, Person.id == _USER.c.person_id)
        .where(*where)
        .order_by(_USER.c.name)
    ).all()
    grants = _grants(connection)
    return tuple(Account(**row._mapping, grants=tuple(grants.get(row.id, ()))) for row in rows)


def line(connection: Connection, grant: Grant) -> GrantLine:
    """A grant given by hand, with the name of what it is held over."""
    return GrantLine(grant, places(connection).get(grant.scope, grant.scope.segment), HAND)


def _grants(connection: Connection) -> Mapping[int, list[GrantLine]]:
    names = places(connection)
    found: dict[int, list[GrantLine]] = defaultdict(list)
    rows = connection.execute(select(_GRANT).order_by(_GRANT.c.role, _GRANT.c.scope_type, _GRANT.c.scope_id))
    for row in rows:
        if row.role not in frozenset(Role) or row.scope_type not in frozenset(ScopeType):
            continue  # of another version: it grants nothing
        scope = Scope(ScopeType(row.scope_type), row.scope_id, row.segment)
        found[row.user_id].append(GrantLine(Grant(Role(row.role), scope), names.get(scope, row.segment), row.origin))
    return found


def places(connection: Connection) -> dict[Scope, str]:
    """Everything a role can be held over besides everything and one's own, with its name."""
    found: dict[Scope, str] = {}
    for kind, table in ((ScopeType.PORTFOLIO, Portfolio), (ScopeType.PROGRAM, Program), (ScopeType.PROJECT, Project)):
        rows = connection.execute(select(table.id, table.name).order_by(table.name))
        found |= {Scope(kind, place_id): name for place_id, name in rows}
    segments = select(Project.segment).where(Project.segment.is_not(None), Project.segment != "").distinct()
    found |= {Scope(ScopeType.SEGMENT, segment=it): it for it in sorted(filter(None, connection.scalars(segments)))}
    return found


def candidates(connection: Connection, text: str) -> tuple[Candidate, ...]:
    """The humans whose name holds the text, most of `MOST_FOUND`."""
    return _candidates(connection, contains(Person.__table__.c.name, text)) if text else ()


def candidate(connection: Connection, person_id: int) -> Candidate | None:
    """One human."""
    return next(iter(_candidates(connection, Person.__table__.c.id == person_id)), None)


def _candidates(connection: Connection, where: ColumnElement[bool]) -> tuple[Candidate, ...]:
    people, projects, programs = Person.__table__, Project.__table__, Program.__table__

    def named(column: ColumnElement[Any]) -> ScalarSelect[Any]:
        return select(func.count()).where(column == people.c.id).correlate(people).scalar_subquery()

    rows = connection.execute(
        select(
            people.c.id,
            people.c.name,
            named(projects.c.manager_id),
            named(projects.c.sponsor_id),
            named(programs.c.manager_id),
        )
        .where(where)
        .order_by(people.c.name, people.c.id)
        .limit(MOST_FOUND)
    ).all()
    identities: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for person_id, tracker, name in connection.execute(
        select(PersonIdentity.person_id, ConnectionRow.name, PersonIdentity.name)
        .join(ConnectionRow, ConnectionRow.id == PersonIdentity.connection_id)
        .where(PersonIdentity.person_id.in_([row[0] for row in rows]))
        .order_by(ConnectionRow.name)
    ):
        identities[person_id or 0].append((tracker, name))
    return tuple(Candidate(row[0], row[1], tuple(identities[row[0]]), row[2], row[3], row[4]) for row in rows)


def named_for(connection: Connection, person_id: int) -> tuple[Named, ...]:
    """The projects that name the human today, which is what "own" is found by; most of `MOST_NAMED`, by name."""
    projects, programs = Project.__table__, Program.__table__
    manages, sponsors = projects.c.manager_id == person_id, projects.c.sponsor_id == person_id
    leads = programs.c.manager_id == person_id
    rows = connection.execute(
        select(
            projects.c.code,
            projects.c.name,
            func.coalesce(manages, false()),
            func.coalesce(sponsors, false()),
            case((leads, programs.c.name)),
        )
        .select_from(projects)
        .outerjoin(programs, programs.c.id == projects.c.program_id)
        .where(or_(manages, sponsors, leads))
        .order_by(projects.c.name, projects.c.id)
        .limit(MOST_NAMED)
    )
    return tuple(Named(code, name, bool(own), bool(sponsor), program) for code, name, own, sponsor, program in rows)
