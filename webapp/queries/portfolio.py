"""The portfolio as rows: portfolios, programs and projects in sight, and the newest readings of those that are shown.

`load` asks for what decides which rows there are and in which order, `webapp.queries.tree` filters, sorts and arranges
without the database, and `with_readings` fills the rows that are left. A fixed number of statements for a page,
however many projects there are; nothing is computed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import Connection, null, select

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen, seen_portfolio, seen_program, seen_reading, sees_all
from portfolio.access.viewer import Viewer
from portfolio.figures.keep import Scope
from portfolio.figures.members import ALL
from portfolio.model.named import named
from portfolio.model.people import Person
from portfolio.model.structure import Portfolio, Program, Project
from webapp.queries.columns import (
    COLOUR_COUNTS,
    COLOUR_ORDER,
    COLUMNS,
    COUNTED,
    SHOWN,
    ByBudget,
    by_budget,
    colour_counts,
)
from webapp.queries.freshness import count_connections
from webapp.queries.readings import Readings, newest_of, newest_roll_up
from webapp.queries.skim import NOTHING, Skimmed, other_colours, skim

WEEK = timedelta(days=7)
NONE: Readings = MappingProxyType({})
BATCH = 500
"""So many lines are filled at once."""


@dataclass(frozen=True)
class ProjectLine:
    """A project with what it says of itself, and its computed colour.

    `permitted` is False where the viewer may know of it, but not its figures. `rag_before` is its colour on the day
    compared with, None where it is the same or none was computed then. `figure` is what the table is sorted by, where
    that is a KPI. The readings, and what was computed `before`, are there once it is shown.
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
    rag: str
    rag_before: str | None
    figure: float | None
    readings: Readings
    before: Readings

    @property
    def scope(self) -> Scope:
        return "project", self.id


@dataclass(frozen=True)
class GroupLine:
    """A portfolio or a program (`kind`) with its rolled-up readings, which are there once it is shown.

    `permitted` is False where some of its projects are out of the viewer's sight: its figures would tell of them.
    `figure` is what the table is sorted by, where that is a KPI or the colours of its projects.
    """

    kind: str
    id: int
    name: str
    owner: str | None
    portfolio_id: int | None
    permitted: bool
    figure: Any
    readings: Readings
    before: Readings

    @property
    def scope(self) -> Scope:
        return self.kind, self.id

    @property
    def colours(self) -> tuple[tuple[str, int], ...]:
        """How many of its projects have which colour: a group has no colour of its own."""
        return colour_counts(self.readings)

    @property
    def budgets(self) -> ByBudget | None:
        """How their budgets spread over the colours."""
        return by_budget(self.readings)


@dataclass(frozen=True)
class Loaded:
    """All the portfolio page can show to somebody. `whole` tells that this is everything.

    `since` is the day compared with, None where no figures of that day were kept.
    """

    projects: tuple[ProjectLine, ...]
    portfolios: Mapping[int, GroupLine]
    programs: Mapping[int, GroupLine]
    as_of: date | None
    computed_at: datetime | None
    since: date | None
    connections: int
    whole: bool


@dataclass(frozen=True)
class _Sorting:
    """What lines are sorted by in a column, where that is kept: a figure, or the colours of a group's projects."""

    column: str
    skimmed: Skimmed

    def of(self, scope: Scope) -> float | None:
        return self.skimmed.values.get(scope, {}).get(COLUMNS.get(self.column, ""))

    def of_group(self, scope: Scope) -> Any:
        if self.column != "rag":
            return self.of(scope)
        own = self.skimmed.values.get(scope, {})
        return tuple(-own.get(COLOUR_COUNTS[rag], 0) for rag in COLOUR_ORDER)


def _sorting(connection: Connection, viewer: Viewer, day: date | None, column: str) -> _Sorting:
    kpis = tuple(COLOUR_COUNTS.values()) if column == "rag" else (COLUMNS[column],) if column in COLUMNS else ()
    counted = column == "rag" or column in COUNTED
    return _Sorting(column, skim(connection, viewer, day, kpis, counted=counted) if day else NOTHING)


def load(
    connection: Connection,
    viewer: Viewer,
    *,
    day: date | None = None,
    since: date | None = None,
    column: str = "name",
) -> Loaded:
    """Everything in the viewer's sight, still without readings, to be sorted by the `column`.

    The figures are those of `day`, by default the last one computed; the colours are also those of `since`, by default
    a week before.
    """
    last = newest_roll_up(connection)
    if day is None and last is not None:
        day = last.as_of
    if since is None and day is not None:
        since = day - WEEK
    if last is None or since is None or since < last.first:
        since = None
    colours_before = other_colours(connection, viewer, since, day) if day and since else {}
    sorting = _sorting(connection, viewer, day, column)
    return Loaded(
        projects=_projects(connection, viewer, colours_before, sorting),
        portfolios=_portfolios(connection, viewer, sorting),
        programs=_programs(connection, viewer, sorting),
        as_of=day,
        computed_at=last.computed_at if last else None,
        since=since,
        connections=count_connections(connection, viewer),
        whole=sees_all(viewer),
    )


def _projects(
    connection: Connection, viewer: Viewer, before: Mapping[int, str], sorting: _Sorting
) -> tuple[ProjectLine, ...]:
    manager = named(Person, "manager")
    found = connection.execute(
        select(
            Project.id,
            Project.code,
            Project.name,
            Project.status,
            Project.portfolio_id,
            Project.program_id,
            Project.manager_id,
            manager.name.label("manager"),
            Project.reported_rag,
            Project.reported_status,
            Project.reported_at,
            seen(Project.__table__.c.id, viewer, Capability.KPIS, Right.VIEW).label("permitted"),
        )
        .outerjoin(manager, manager.id == Project.manager_id)
        .where(seen(Project.__table__.c.id, viewer))
        .order_by(Project.name, Project.id)
    )
    lines = []
    for said in found.all():
        project_id = said[0]
        colour = sorting.skimmed.colours.get(project_id, "grey")
        computed: list[Any] = [colour, before.get(project_id), sorting.of(("project", project_id)), NONE, NONE]
        lines.append(ProjectLine(*said, *computed))
    return tuple(lines)


def _portfolios(connection: Connection, viewer: Viewer, sorting: _Sorting) -> dict[int, GroupLine]:
    owner = named(Person, "owner")
    found = connection.execute(
        select(
            Portfolio.id,
            Portfolio.name,
            owner.name.label("owner"),
            null().label("portfolio_id"),
            seen_reading("portfolio", Portfolio.__table__.c.id, viewer).label("permitted"),
        )
        .outerjoin(owner, owner.id == Portfolio.owner_id)
        .where(seen_portfolio(Portfolio.__table__.c.id, viewer))
    )
    return _groups("portfolio", found, sorting)


def _programs(connection: Connection, viewer: Viewer, sorting: _Sorting) -> dict[int, GroupLine]:
    owner = named(Person, "owner")
    found = connection.execute(
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
    return _groups("program", found, sorting)


def _groups(kind: str, found: Iterable[Any], sorting: _Sorting) -> dict[int, GroupLine]:
    lines = {}
    for said in found:
        computed: list[Any] = [sorting.of_group((kind, said[0])), NONE, NONE]
        lines[said[0]] = GroupLine(kind, *said, *computed)
    return lines


Line = TypeVar("Line", ProjectLine, GroupLine, ProjectLine | GroupLine)


def readings_of_all(
    connection: Connection, viewer: Viewer, loaded: Loaded, compared: Collection[str] = ()
) -> tuple[Readings, Readings]:
    """The readings over all projects, and those `compared` on the other day. Empty unless the viewer sees all."""
    now = newest_of(connection, loaded.as_of, [ALL], viewer, SHOWN) if loaded.as_of else {}
    then = newest_of(connection, loaded.since, [ALL], viewer, compared) if loaded.since and compared else {}
    return now.get(ALL, NONE), then.get(ALL, NONE)


def with_readings(
    connection: Connection, viewer: Viewer, loaded: Loaded, lines: Iterable[Line], compared: Collection[str] = ()
) -> Iterator[Line]:
    """The lines with their readings, and with those `compared` on the other day too; two statements for `BATCH` lines,
    run while they are taken."""
    for some in batched(lines, BATCH):
        scopes = [line.scope for line in some]
        now = newest_of(connection, loaded.as_of, scopes, viewer, SHOWN) if loaded.as_of else {}
        then = newest_of(connection, loaded.since, scopes, viewer, compared) if loaded.since and compared else {}
        for line in some:
            yield replace(line, readings=now.get(line.scope, NONE), before=then.get(line.scope, NONE))


def batched(lines: Iterable[Line], size: int) -> Iterator[list[Line]]:
    """The lines in lists of that size, the last one shorter."""
    left = iter(lines)
    while some := list(islice(left, size)):
        yield some
