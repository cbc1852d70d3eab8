"""Requests for people of the projects in sight, what became of each, and which wait for the viewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from portfolio.access.matrix import Capability, Right
from portfolio.access.roles import Role
from portfolio.access.rows import seen
from portfolio.access.viewer import Viewer
from portfolio.bookings.asking import UNDECIDED, State
from portfolio.model.access import User
from portfolio.model.people import Person
from portfolio.model.resources import RequestStep, ResourceRequest
from portfolio.model.structure import Project

WHICH = ("waiting", "own")
"""Those that wait for the viewer, those they asked themselves; all without."""
STANDS = ("decided", "any")
"""Which requests beside those that are undecided."""


@dataclass(frozen=True)
class Wish:
    """Which requests: a text to be found in the name or code of the project, whose turn it is, how they stand."""

    project: str = ""
    which: str | None = None
    stands: str | None = None


@dataclass(frozen=True)
class Line:
    """A request. `asker_active`: whether who asked may still sign in."""

    id: int
    project_id: int
    project: str
    role: str
    skill: str | None
    level: int | None
    hours: Decimal
    start: date
    end: date
    answer_by: date | None
    state: str
    person_id: int | None
    person: str | None
    asked_by: str
    asker_active: bool
    asked_at: datetime
    step: int
    """The id of its newest step."""

    @property
    def undecided(self) -> bool:
        return self.state in UNDECIDED

    def overdue(self, today: date) -> bool:
        """Whether an answer was wanted before today, and there is none."""
        return self.state == State.OPEN and self.answer_by is not None and self.answer_by < today


@dataclass(frozen=True)
class Step:
    """What somebody did about a request."""

    state: str
    at: datetime
    by: str
    person_id: int | None
    person: str | None
    note: str
    over_hours: Decimal | None


_IT = ResourceRequest
_PROJECT_ID: Any = _IT.__table__.c.project_id


def _lines(viewer: Viewer) -> Select[Any]:
    about = (_IT.role, _IT.skill, _IT.level, _IT.hours, _IT.start, _IT.end, _IT.answer_by, _IT.state)
    columns: list[Any] = [_IT.id, Project.id, Project.name, *about, Person.id, Person.name, User.name, User.active]
    step = select(func.max(RequestStep.id)).where(RequestStep.request_id == _IT.id).scalar_subquery()
    return (
        select(*columns, _IT.asked_at, step)
        .join(Project, Project.id == _IT.project_id)
        .join(User, User.id == _IT.asked_by_id)
        .outerjoin(Person, Person.id == _IT.person_id)
        .where(seen(_PROJECT_ID, viewer, Capability.ALLOCATIONS, Right.VIEW))
    )


def waits_for(viewer: Viewer) -> ColumnElement[bool]:
    """Whether it is the viewer's turn: open ones wait for who edits bookings there, proposed ones for who manages the
    project or asked; and for the PMO lead where who asked is gone."""
    what = Capability.ALLOCATIONS
    staffs = seen(_PROJECT_ID, viewer, what, Right.EDIT)
    asks = or_(seen(_PROJECT_ID, viewer, what, Right.PROPOSE), _IT.asked_by_id == viewer.user_id)
    gone = _IT.asked_by_id.in_(select(User.id).where(~User.active))
    arbitrates = and_(gone, staffs) if Role.PMO_LEAD in viewer.roles else false()
    return or_(and_(_IT.state == State.OPEN, staffs), and_(_IT.state == State.PROPOSED, or_(asks, arbitrates)))


def _fit(statement: Select[Any], viewer: Viewer, wish: Wish) -> Select[Any]:
    if wish.project:
        columns = (Project.name, Project.code)
        statement = statement.where(or_(*(it.icontains(wish.project, autoescape=True) for it in columns)))
    if wish.which == "waiting":
        statement = statement.where(waits_for(viewer))
    elif wish.which == "own":
        statement = statement.where(_IT.asked_by_id == viewer.user_id)
    if wish.stands != "any":
        undecided = _IT.state.in_(UNDECIDED)
        statement = statement.where(~undecided if wish.stands == "decided" else undecided)
    return statement


def count_requests(connection: Connection, viewer: Viewer, wish: Wish) -> int:
    """How many requests fit."""
    some = _fit(_lines(viewer), viewer, wish).subquery()
    return int(connection.scalar(select(func.count()).select_from(some)) or 0)


def list_requests(
    connection: Connection, viewer: Viewer, wish: Wish, *, limit: int, offset: int = 0
) -> tuple[Line, ...]:
    """Some requests: undecided ones first, and of them those whose answer is due first."""
    order = (~_IT.state.in_(UNDECIDED), _IT.answer_by.is_(None), _IT.answer_by, _IT.start, _IT.id)
    statement = _fit(_lines(viewer), viewer, wish).order_by(*order)
    return tuple(Line(*row) for row in connection.execute(statement.limit(limit).offset(offset)))


def count_waiting(connection: Connection, viewer: Viewer) -> int:
    """How many requests wait for the viewer."""
    return count_requests(connection, viewer, Wish(which="waiting"))


def find_line(connection: Connection, viewer: Viewer, request_id: int) -> Line | None:
    """The request, None where there is none in the viewer's sight."""
    row = connection.execute(_lines(viewer).where(_IT.id == request_id)).one_or_none()
    return None if row is None else Line(*row)


def steps_of(connection: Connection, request_id: int) -> Sequence[Step]:
    """What was done about a request, oldest first."""
    named = aliased(Person)
    it = RequestStep
    whom = (named.id, named.name.label("person"))
    query = (
        select(it.state, it.at, User.name.label("by"), *whom, it.note, it.over_hours)
        .join(User, User.id == it.by_id)
        .outerjoin(named, named.id == it.person_id)
        .where(it.request_id == request_id)
        .order_by(it.id)
    )
    return [Step(*row) for row in connection.execute(query)]
