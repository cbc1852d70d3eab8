"""The portfolio as rows: portfolios, programs and projects with their newest readings. Set-based, nothing computed.

`load` asks the database (a fixed number of statements, however many projects there are); `webapp.queries.tree` then
filters, sorts and arranges without it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen, seen_portfolio, seen_program, seen_reading, sees_all
from portfolio.access.viewer import Viewer
from portfolio.kpis.rag import OVERALL
from portfolio.model.people import Person
from portfolio.model.structure import Portfolio, Program, Project
from webapp.queries.columns import SHOWN, colour_counts
from webapp.queries.freshness import count_connections
from webapp.queries.readings import Readings, newest, newest_roll_up

WEEK = timedelta(days=7)
ALL = ("all", 0)


@dataclass(frozen=True)
class ProjectLine:
    """A project with what it says of itself, what was computed, and what of that was computed `before`.

    `permitted` is False where the viewer may know of it, but not its figures.
    """

    id: int
    code: str
    name: str
    status: str
    portfolio_id: int | None
    program_id: int | None
    manager_id: int | None
    manager: str | None
    reported_rag: str | None
    reported_status: str | None
    reported_at: datetime | None
    permitted: bool
    readings: Readings
    before: Readings

    @property
    def rag(self) -> str:
        return self.readings[OVERALL].rag if OVERALL in self.readings else "grey"

    @property
    def rag_before(self) -> str | None:
        """Its colour on the day compared with; None where none was computed then."""
        return self.before[OVERALL].rag if OVERALL in self.before else None


@dataclass(frozen=True)
class GroupLine:
    """A portfolio or a program with its rolled-up readings.

    `permitted` is False where some of its projects are out of the viewer's sight: its figures would tell of them.
    """

    id: int
    name: str
    owner: str | None
    portfolio_id: int | None
    permitted: bool
    readings: Readings
    before: Readings

    @property
    def colours(self) -> tuple[tuple[str, int], ...]:
        """How many of its projects have which colour: a group has no colour of its own."""
        return colour_counts(self.readings)


@dataclass(frozen=True)
class Loaded:
    """All the portfolio page can show to somebody. `all` is empty unless they see everything, which `whole` tells.

    `since` is the day compared with, None where no figures of that day were kept.
    """

    projects: tuple[ProjectLine, ...]
    portfolios: Mapping[int, GroupLine]
    programs: Mapping[int, GroupLine]
    all: Readings
    all_before: Readings
    as_of: date | None
    computed_at: datetime | None
    since: date | None
    connections: int
    whole: bool


def load(
    connection: Connection,
    viewer: Viewer,
    *,
    day: date | None = None,
    since: date | None = None,
    compared: Collection[str] = (OVERALL,),
) -> Loaded:
    """Everything in the viewer's sight, in a fixed number of statements.

    The figures are those of `day`, by default the last one computed. Those `compared` are also read as of `since`, by
    default a week before.
    """
    last = newest_roll_up(connection)
    if day is None and last is not None:
        day = last.as_of
    if since is None and day is not None:
        since = day - WEEK
    found = newest(connection, day, None, viewer, kpis=SHOWN) if day else {}
    before = newest(connection, since, None, viewer, kpis=compared) if since else {}
    owner = aliased(Person)
    portfolios = connection.execute(
        select(
            Portfolio.id,
            Portfolio.name,
            owner.name.label("owner"),
            seen_reading("portfolio", Portfolio.__table__.c.id, viewer).label("permitted"),
        )
        .outerjoin(owner, owner.id == Portfolio.owner_id)
        .where(seen_portfolio(Portfolio.__table__.c.id, viewer))
    )
    programs = connection.execute(
        select(
            Program.id,
            Program.name,
            owner.name.label("owner"),
            Program.portfolio_id,
            seen_reading("program", Program.__table__.c.id, viewer).label("permitted"),
        )
        .outerjoin(owner, owner.id == Program.manager_id)
        .where(seen_program(Program.__table__.c.id, viewer))
    )
    projects = connection.execute(
        select(
            Project.id,
            Project.code,
            Project.name,
            Project.status,
            Project.portfolio_id,
            Project.program_id,
            Project.manager_id,
            owner.name.label("manager"),
            Project.reported_rag,
            Project.reported_status,
            Project.reported_at,
            seen(Project.__table__.c.id, viewer, Capability.KPIS, Right.VIEW).label("permitted"),
        )
        .outerjoin(owner, owner.id == Project.manager_id)
        .where(seen(Project.__table__.c.id, viewer))
        .order_by(Project.name, Project.id)
    )
    return Loaded(
        projects=tuple(
            ProjectLine(
                **row._mapping,
                readings=found.get(("project", row.id), {}),
                before=before.get(("project", row.id), {}),
            )
            for row in projects
        ),
        portfolios={
            row.id: GroupLine(
                row.id,
                row.name,
                row.owner,
                None,
                row.permitted,
                found.get(("portfolio", row.id), {}),
                before.get(("portfolio", row.id), {}),
            )
            for row in portfolios
        },
        programs={
            row.id: GroupLine(
                row.id,
                row.name,
                row.owner,
                row.portfolio_id,
                row.permitted,
                found.get(("program", row.id), {}),
                before.get(("program", row.id), {}),
            )
            for row in programs
        },
        all=found.get(ALL, {}),
        all_before=before.get(ALL, {}),
        as_of=day,
        computed_at=last.computed_at if last else None,
        since=since if before else None,
        connections=count_connections(connection, viewer),
        whole=sees_all(viewer),
    )
