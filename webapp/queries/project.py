"""One project: what it is, its readings, milestones, people and reports. A fixed number of statements."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from portfolio.access.rows import seen
from portfolio.access.viewer import Viewer
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.landing import SliceCount
from portfolio.model.people import Person
from portfolio.model.structure import Portfolio, Program, Project, ProjectRef, StatusUpdate
from portfolio.model.work import WorkItem
from webapp.queries.readings import LAST, RolledUp

MOST_REPORTS = 10


@dataclass(frozen=True)
class Heading:
    """What a project is and where it stands in the portfolio; `rolled_up` tells of which day the last figures are."""

    id: int
    code: str
    name: str
    status: str
    type: str | None
    portfolio_id: int | None
    portfolio: str | None
    program_id: int | None
    program: str | None
    manager_id: int | None
    manager: str | None
    sponsor: str | None
    start: date | None
    due: date | None
    reported_rag: str | None
    reported_status: str | None
    reported_at: datetime | None
    rolled_up: RolledUp | None


@dataclass(frozen=True)
class Ref:
    """A project of a tracker that feeds this one. `counted` is for `completeness.of_refs`; None before a census."""

    connection_id: int
    connection: str
    tracker: str
    key: str
    name: str
    url: str
    archived: bool
    counted: tuple[int, int | None, int, int, datetime] | None


@dataclass(frozen=True)
class Report:
    """What the project said of itself on a day, and the colour computed for that day, if one was by then."""

    rag: str | None
    status: str
    title: str
    author: str | None
    created_at: datetime
    computed: str | None


def find_heading(connection: Connection, project_id: int, viewer: Viewer) -> Heading | None:
    """The project, None when there is none of that id in the viewer's sight: whether there is one they are not told."""
    manager, sponsor = aliased(Person), aliased(Person)
    own, through = aliased(Portfolio), aliased(Portfolio)
    row = connection.execute(
        select(
            Project.id,
            Project.code,
            Project.name,
            Project.status,
            Project.type,
            func.coalesce(own.id, through.id),
            func.coalesce(own.name, through.name),
            Program.id,
            Program.name,
            manager.id,
            manager.name,
            sponsor.name,
            Project.start,
            Project.due,
            Project.reported_rag,
            Project.reported_status,
            Project.reported_at,
            *LAST,
        )
        .outerjoin(Program, Program.id == Project.program_id)
        .outerjoin(through, through.id == Program.portfolio_id)
        .outerjoin(own, own.id == Project.portfolio_id)
        .outerjoin(manager, manager.id == Project.manager_id)
        .outerjoin(sponsor, sponsor.id == Project.sponsor_id)
        .where(Project.id == project_id, seen(Project.__table__.c.id, viewer))
    ).one_or_none()
    if row is None:
        return None
    told: list[Any] = list(row)
    first, computed_at, day = told.pop(), told.pop(), told.pop()
    told.append(None if day is None else RolledUp(day, computed_at, first))
    return Heading(*told)


def refs_of(connection: Connection, project_id: int) -> tuple[Ref, ...]:
    """The tracker projects that feed the project and still exist."""
    count = (SliceCount.told, SliceCount.listed, SliceCount.kept, SliceCount.checked_at)
    rows = connection.execute(
        select(
            ConnectionRow.id,
            ConnectionRow.name,
            ConnectionRow.tracker,
            ProjectRef.key,
            ProjectRef.name,
            ProjectRef.url,
            ProjectRef.archived,
            *count,
        )
        .join(ConnectionRow, ConnectionRow.id == ProjectRef.connection_id)
        .outerjoin(
            SliceCount,
            (SliceCount.connection_id == ProjectRef.connection_id) & (SliceCount.slice == ProjectRef.external_id),
        )
        .where(ProjectRef.project_id == project_id, ProjectRef.deleted_at.is_(None))
        .order_by(ConnectionRow.name, ProjectRef.key)
    )
    return tuple(Ref(*row[:7], None if row[-1] is None else (row[0], *row[7:])) for row in rows)


def assignee_name(connection: Connection, project_id: int, person_id: int | None) -> str | None:
    """The name of somebody who is assigned to an item of the project; None for nobody and for anybody else."""
    if not person_id:
        return None
    assigned = select(WorkItem.assignee_id).where(WorkItem.project_id == project_id)
    return connection.scalar(select(Person.name).where(Person.id == person_id, Person.id.in_(assigned)))


def reports_of(
    connection: Connection, project_id: int, zone: tzinfo, colours: Sequence[tuple[date, str]]
) -> tuple[Report, ...]:
    """The latest reports of the project on itself, newest first; their days are those of `zone`.

    `colours` are those that were computed, oldest first, each with the day from which it counted; none where the viewer
    sees no figures.
    """
    rows = connection.execute(
        select(
            StatusUpdate.rag,
            StatusUpdate.status,
            StatusUpdate.title,
            func.coalesce(Person.name, StatusUpdate.entered_by).label("author"),
            StatusUpdate.created_at,
        )
        .outerjoin(Person, Person.id == StatusUpdate.author_id)
        .where(StatusUpdate.project_id == project_id)
        .order_by(StatusUpdate.created_at.desc(), StatusUpdate.id.desc())
        .limit(MOST_REPORTS)
    )
    days = [day for day, _ in colours]
    reports = []
    for row in rows:
        before = bisect_right(days, row.created_at.astimezone(zone).date())
        computed = colours[before - 1][1] if before else None
        reports.append(Report(row.rag, row.status, row.title, row.author, row.created_at, computed))
    return tuple(reports)
