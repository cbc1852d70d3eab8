"""Bookings of the projects in sight: whose, for how long, from where, and what has become of project and person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen, sees_all
from portfolio.access.viewer import Viewer
from portfolio.bookings.known import read_known
from portfolio.facts.lifecycle import OVER
from portfolio.model.access import User
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.people import Allocation, Person
from portfolio.model.resources import PersonTerms
from portfolio.model.structure import Project, ProjectRef
from portfolio.resources.envelope import Week, misfits
from portfolio.resources.kept import kept_plan
from portfolio.resources.periods import weeks_from
from webapp.tables import Order

KINDS = ("hard", "soft")
ORIGINS = ("here", "tracker")
TIMES = ("over", "all")
"""Which bookings beside those that are not over."""
ORDERS = ("person", "project", "start", "end")
WEEKS_CHECKED = 6
MOST_NAMES = 3000


@dataclass(frozen=True)
class Wish:
    """Which bookings: texts to be found in the name of the person, in the role, in the name or code of the project."""

    person: str = ""
    role: str = ""
    project: str = ""
    kind: str | None = None
    origin: str | None = None
    time: str | None = None


@dataclass(frozen=True)
class Line:
    """A booking. `leaves`: from which day on its person works no more; `url` leads to the project in the tracker that
    the booking comes from."""

    id: int
    person_id: int | None
    person: str | None
    active: bool | None
    person_role: str | None
    role: str | None
    project_id: int
    project: str
    code: str
    project_status: str
    project_due: date | None
    start: date
    end: date
    hours_per_day: Decimal | None
    percent: Decimal | None
    total_hours: Decimal | None
    kind: str
    request_id: int | None
    connection: str | None
    url: str | None
    booked_by: str | None
    booked_at: datetime | None
    leaves: date | None

    @property
    def project_over(self) -> bool:
        return self.project_status in OVER

    @property
    def outlasts(self) -> bool:
        """Whether it goes on after its project is due."""
        return not self.project_over and self.project_due is not None and self.end > self.project_due

    @property
    def without_person(self) -> bool:
        """Whether its person is gone, or goes before it ends."""
        return self.active is False or (self.leaves is not None and self.leaves <= self.end)


_IT = Allocation.__table__


def _lines(viewer: Viewer) -> Select[Any]:
    # Somebody nobody told terms of works all the time.
    works_until = (
        select(func.max(PersonTerms.valid_to))
        .where(PersonTerms.person_id == Allocation.person_id, PersonTerms.fte > 0)
        .scalar_subquery()
    )
    url = (
        select(func.min(ProjectRef.url))
        .where(
            ProjectRef.project_id == Allocation.project_id,
            ProjectRef.connection_id == Allocation.connection_id,
            ProjectRef.deleted_at.is_(None),
        )
        .scalar_subquery()
    )
    whose = (Allocation.person_id, Person.name, Person.active, Person.role, Allocation.placeholder)
    where = (Project.id, Project.name, Project.code, Project.status, Project.due)
    amounts = (Allocation.hours_per_day, Allocation.percent, Allocation.total_hours)
    origin = (Allocation.request_id, ConnectionRow.name, url, User.name, Allocation.booked_at)
    days = (Allocation.start, Allocation.end)
    columns: list[Any] = [Allocation.id, *whose, *where, *days, *amounts, Allocation.kind, *origin, works_until]
    return (
        select(*columns)
        .join(Project, Project.id == Allocation.project_id)
        .outerjoin(Person, Person.id == Allocation.person_id)
        .outerjoin(ConnectionRow, ConnectionRow.id == Allocation.connection_id)
        .outerjoin(User, User.id == Allocation.booked_by_id)
        .where(seen(_IT.c.project_id, viewer, Capability.ALLOCATIONS, Right.VIEW))
    )


def _fit(statement: Select[Any], wish: Wish, today: date) -> Select[Any]:
    if wish.person:
        statement = statement.where(Person.name.icontains(wish.person, autoescape=True))
    if wish.role:
        columns = (Allocation.placeholder, Person.role)
        statement = statement.where(or_(*(it.icontains(wish.role, autoescape=True) for it in columns)))
    if wish.project:
        columns = (Project.name, Project.code)
        statement = statement.where(or_(*(it.icontains(wish.project, autoescape=True) for it in columns)))
    if wish.kind:
        statement = statement.where(Allocation.kind == wish.kind)
    if wish.origin:
        from_here = Allocation.connection_id.is_(None)
        statement = statement.where(from_here if wish.origin == "here" else ~from_here)
    if wish.time != "all":
        over = Allocation.end < today
        statement = statement.where(over if wish.time == "over" else ~over)
    return statement


def count_bookings(connection: Connection, viewer: Viewer, wish: Wish, today: date) -> int:
    """How many bookings fit."""
    some = _fit(_lines(viewer), wish, today).subquery()
    return int(connection.scalar(select(func.count()).select_from(some)) or 0)


def list_bookings(
    connection: Connection, viewer: Viewer, wish: Wish, today: date, order: Order, *, limit: int, offset: int = 0
) -> tuple[Line, ...]:
    """Some bookings."""
    column: Any = {
        "person": func.lower(func.coalesce(Person.name, Allocation.placeholder)),
        "project": func.lower(Project.name),
        "start": Allocation.start,
        "end": Allocation.end,
    }[order.column]
    statement = _fit(_lines(viewer), wish, today)
    statement = statement.order_by(column.desc() if order.down else column, Allocation.id)
    return tuple(Line(*row) for row in connection.execute(statement.limit(limit).offset(offset)))


def find_line(connection: Connection, viewer: Viewer, booking_id: int) -> Line | None:
    """The booking, None where there is none in the viewer's sight."""
    row = connection.execute(_lines(viewer).where(Allocation.id == booking_id)).one_or_none()
    return None if row is None else Line(*row)


def misfits_of(
    connection: Connection, lines: Sequence[Line], today: date, now: datetime
) -> dict[tuple[int, int], list[Week]]:
    """The upcoming weeks in which the firm bookings of a person in a project do not fit their work there."""
    firm = [it for it in lines if it.kind == "hard" and it.end >= today and not it.project_over]
    pairs = {(it.person_id, it.project_id) for it in firm if it.person_id is not None}
    if not pairs:
        return {}
    return misfits(kept_plan(connection, today, now), weeks_from(today, WEEKS_CHECKED), pairs)


@dataclass(frozen=True)
class Choices:
    """What can be chosen in a form: projects that go on (id, name), and names to be offered while one types."""

    projects: tuple[tuple[int, str], ...]
    persons: tuple[str, ...]
    roles: tuple[str, ...]


def choices(connection: Connection, viewer: Viewer, *rights: Right) -> Choices:
    """The projects in which the viewer has one of the rights. Names are offered to who may see everybody's."""
    goes_on = Project.status.not_in(OVER)
    mine = seen(Project.__table__.c.id, viewer, Capability.ALLOCATIONS, *rights)
    projects = connection.execute(select(Project.id, Project.name).where(goes_on, mine).order_by(Project.name))
    everybody = sees_all(viewer, Capability.ALLOCATIONS, Right.VIEW)
    names = select(Person.name).where(Person.active).distinct().order_by(Person.name).limit(MOST_NAMES)
    return Choices(
        tuple((row.id, row.name) for row in projects),
        tuple(connection.scalars(names)) if everybody else (),
        read_known(connection).roles,
    )
