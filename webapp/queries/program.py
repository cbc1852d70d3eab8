"""One program: its projects with their figures, and what they share: milestones, dependencies, risks, people, blockers.

A fixed number of statements. Of projects out of the viewer's sight nothing is told but that there are some.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, distinct, func, select

from portfolio.access.masks import Sight, load_sight
from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen, seen_program, visible_projects
from portfolio.access.suppression import LEAST
from portfolio.access.viewer import Viewer
from portfolio.facts.states import I, V, at, is_open
from portfolio.kpis.rag import DIMENSIONS, OVERALL
from portfolio.model.people import Person
from portfolio.model.structure import Portfolio, Program, Project
from webapp.queries.readings import Readings, newest

KPIS = (OVERALL, *DIMENSIONS, "SCH-04", "SCH-01", "SCH-09", "SCH-05", "FLW-09", "PRG-01")
CURRENT = ("proposed", "active", "on_hold")
MOST = 30


@dataclass(frozen=True)
class Heading:
    """What a program is."""

    id: int
    name: str
    status: str
    portfolio_id: int | None
    portfolio: str | None
    manager: str | None
    start: date | None
    due: date | None


@dataclass(frozen=True)
class Member:
    """A project of a program in the viewer's sight. `permitted`: whether its figures are, too."""

    id: int
    name: str
    code: str
    status: str
    manager: str | None
    due: date | None
    reported_rag: str | None
    reported_status: str | None
    reported_at: datetime | None
    permitted: bool
    readings: Readings

    @property
    def rag(self) -> str:
        return self.readings[OVERALL].rag if OVERALL in self.readings else "grey"


@dataclass(frozen=True)
class Risk:
    """An open risk of one of the projects, as its tracker has it."""

    key: str
    title: str
    url: str
    status: str
    due: date | None
    project_id: int


@dataclass(frozen=True)
class Shared:
    """Somebody with open items in several of the projects."""

    person_id: int
    name: str
    projects: int
    items: int


@dataclass(frozen=True)
class People:
    """Who works in several of the projects: by name, or as a number where that is of enough persons to be shown."""

    sight: Sight
    named: tuple[Shared, ...] = ()
    number: int | None = None


def find_program(connection: Connection, program_id: int, viewer: Viewer) -> Heading | None:
    """The program, None when there is none of that id in the viewer's sight."""
    row = connection.execute(
        select(
            Program.id,
            Program.name,
            Program.status,
            Program.portfolio_id,
            Portfolio.name.label("portfolio"),
            Person.name.label("manager"),
            Program.start,
            Program.due,
        )
        .outerjoin(Portfolio, Portfolio.id == Program.portfolio_id)
        .outerjoin(Person, Person.id == Program.manager_id)
        .where(Program.id == program_id, seen_program(Program.__table__.c.id, viewer))
    ).one_or_none()
    return None if row is None else Heading(**row._mapping)


def members_of(connection: Connection, program_id: int, viewer: Viewer, day: date | None) -> tuple[Member, ...]:
    """The projects of the program that are not over, by name, with their readings as of the day."""
    rows = connection.execute(
        select(
            Project.id,
            Project.name,
            Project.code,
            Project.status,
            Person.name.label("manager"),
            Project.due,
            Project.reported_rag,
            Project.reported_status,
            Project.reported_at,
            seen(Project.__table__.c.id, viewer, Capability.KPIS, Right.VIEW).label("permitted"),
        )
        .outerjoin(Person, Person.id == Project.manager_id)
        .where(Project.program_id == program_id, Project.status.in_(CURRENT), seen(Project.__table__.c.id, viewer))
        .order_by(Project.name, Project.id)
    ).all()
    ids = [row.id for row in rows]
    found = newest(connection, day, ("project",), viewer, scope_ids=ids, kpis=KPIS) if day and ids else {}
    return tuple(Member(**row._mapping, readings=found.get(("project", row.id), {})) for row in rows)


def risks_of(connection: Connection, project_ids: Collection[int], day: date) -> tuple[Risk, ...]:
    """The open risks of the projects, those to be looked at first before the others."""
    rows = connection.execute(
        at(select(I.key, I.title, I.url, I.status, V.due, V.project_id), day, project_ids)
        .where(V.kind == "risk", is_open())
        .order_by(V.due.asc().nulls_last(), I.id)
        .limit(MOST)
    )
    return tuple(Risk(*row) for row in rows)


def people_of(connection: Connection, project_ids: Collection[int], day: date, viewer: Viewer) -> People:
    """Who has open items in several of the projects. Only those projects count in which the viewer may know it."""
    sight = load_sight(viewer)
    if sight is Sight.HIDDEN:
        return People(sight)
    right = Right.VIEW if sight is Sight.NAMED else Right.GROUPED
    rows = connection.execute(
        at(select(V.assignee_id, Person.name, func.count(distinct(V.project_id)), func.count()), day, project_ids)
        .join(Person, Person.id == V.assignee_id)
        .where(is_open(), V.project_id.in_(visible_projects(viewer, Capability.ALLOCATIONS, right)))
        .group_by(V.assignee_id, Person.name)
        .having(func.count(distinct(V.project_id)) > 1)
        .order_by(Person.name, V.assignee_id)
    ).all()
    if sight is Sight.NAMED:
        return People(sight, tuple(Shared(*row) for row in rows))
    return People(sight, number=len(rows) if not rows or len(rows) >= LEAST else None)
