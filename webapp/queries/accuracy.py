"""Planned and actual hours, as a viewer may see them: of projects and roles, and of single persons only for who may see
figures of persons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias, TypeVar

from sqlalchemy import Connection, select

from portfolio.access.masks import Sight, figures_sight, load_sight
from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen
from portfolio.access.suppression import LEAST, suppressed_among
from portfolio.access.viewer import Viewer
from portfolio.model.people import Person
from portfolio.model.structure import Project
from portfolio.resources.actual import Accuracy, Compared, accuracy, closed_weeks, held, read_compared
from portfolio.resources.periods import MOST, Columns

WEEKS = 12
"""So many weeks unless others are asked for."""
Key = TypeVar("Key", bound=Hashable)
Group: TypeAlias = tuple[int, str | None]
"""A row by its id (0 where it has none) and name."""


class By(StrEnum):
    """What a row is."""

    PROJECT = "project"
    ROLE = "role"
    PERSON = "person"


@dataclass(frozen=True)
class Line:
    """A project, a role (`name` None: it is not known) or a person. `persons` are those with hours. `found` None: too
    few of them to be shown."""

    name: str | None
    persons: int
    found: Accuracy | None
    id: int | None = None


@dataclass(frozen=True)
class AccuracyView:
    """What a viewer sees of plan and time logged: those that are furthest apart first; by week, and all together (None:
    too few persons). `unplanned` are the hours that were logged in projects that book nobody: they have no plan to be
    held against, and are in nothing else.
    """

    by: By
    lines: tuple[Line, ...]
    weeks: Mapping[date, Accuracy]
    whole: Accuracy | None
    unplanned: float


def sees_persons(viewer: Viewer) -> bool:
    """Whether the viewer may see what single persons logged: a figure of persons. Who may not sees sums of many alone,
    in one grouping and over one span: the difference of two would tell of one person."""
    return load_sight(viewer) is Sight.NAMED and figures_sight(viewer) is Sight.NAMED


def offered(viewer: Viewer) -> tuple[By, ...]:
    """What the viewer may see a row of: projects, of who sees no single persons; roles, of who sees groups only."""
    if sees_persons(viewer):
        return tuple(By)
    return (By.PROJECT,) if load_sight(viewer) is Sight.NAMED else (By.ROLE,)


def weeks_seen(viewer: Viewer, day: date, asked: int) -> tuple[date, ...]:
    """The weeks that were over before the day which the viewer sees: as many as they ask for, or always the same."""
    return closed_weeks(day, min(max(asked, 1), MOST[Columns.WEEK]) if sees_persons(viewer) else WEEKS)


def accuracy_view(connection: Connection, viewer: Viewer, weeks: Sequence[date], by: By) -> AccuracyView:
    """Plan and time logged in the projects the viewer sees. Who sees no figures of persons sees nothing of few persons,
    and no single weeks."""
    named = load_sight(viewer) is Sight.NAMED
    sight = seen(Project.__table__.c.id, viewer, Capability.ALLOCATIONS, Right.VIEW if named else Right.GROUPED)
    projects = {row.id: row.name for row in connection.execute(select(Project.id, Project.name).where(sight))}
    compared = [it for it in read_compared(connection, weeks) if it.project_id in projects]
    counted = held(compared)
    people = {row.id: row for row in connection.execute(select(Person.id, Person.name, Person.role))}
    groups: Mapping[By, Callable[[Compared], Group]] = {
        By.PROJECT: lambda it: (it.project_id, projects[it.project_id]),
        By.ROLE: lambda it: (0, people[it.person_id].role or None),
        By.PERSON: lambda it: (it.person_id, people[it.person_id].name),
    }
    group_of = groups[by]
    members = _members((group_of(it), it) for it in counted)
    every = sees_persons(viewer)
    hidden = frozenset[Group]() if every else suppressed_among(members)
    found = accuracy((group_of(it), it) for it in counted)
    lines = [
        Line(name, len(members[ident, name]), None if (ident, name) in hidden else it, ident or None)
        for (ident, name), it in found.items()
    ]
    lines.sort(key=lambda it: (it.found is None, -_apart(it.found), it.name is None, (it.name or "").casefold()))
    by_week = accuracy((it.week, it) for it in counted) if every else {}
    planned = {it.project_id for it in counted}
    rest = [it for it in compared if it.project_id not in planned]

    def enough(some: Iterable[Compared]) -> bool:
        return every or len({it.person_id for it in some}) >= LEAST

    whole = accuracy(((), it) for it in counted).get((), Accuracy()) if enough(counted) else None
    unplanned = sum(it.logged for it in rest) if named and enough(rest) else 0.0
    return AccuracyView(by, tuple(lines), by_week, whole, unplanned)


def _members(compared: Iterable[tuple[Key, Compared]]) -> dict[Key, set[int]]:
    """Who has hours, by key."""
    persons: dict[Key, set[int]] = defaultdict(set)
    for key, it in compared:
        persons[key].add(it.person_id)
    return persons


def _apart(it: Accuracy | None) -> float:
    return it.most - it.least if it else 0.0
