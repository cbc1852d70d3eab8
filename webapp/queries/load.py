"""Load as a viewer may see it: persons by name, or groups of them large enough, or those of one's own projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from portfolio.access.masks import Sight, load_sight
from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import sees_all, visible_projects
from portfolio.access.suppression import suppressed
from portfolio.access.viewer import Viewer
from portfolio.model.people import Person
from portfolio.model.structure import Project
from portfolio.model.work import WorkItem
from portfolio.resources.groups import Group, Grouping, groups_among, groups_over
from portfolio.resources.heat import Cell, HeatMap, heat_map
from portfolio.resources.kept import kept_plan
from portfolio.resources.parts import Parts, parts_of
from portfolio.resources.periods import Periods
from portfolio.resources.pieces import NEVER
from portfolio.resources.plan import Plan, Unplanned
from portfolio.resources.rows import take


class By(StrEnum):
    """What a row of the heat map is."""

    PERSON = "person"
    ROLE = "role"
    TEAM = "team"
    SEGMENT = "segment"


class Row(NamedTuple):
    """A row of the heat map. `name` None: persons of whom the group is not known. `nobody`: nobody was named for it.

    `over` is by how many hours it is too much in all periods, `is_over` whether it is in some. It stands at place `at`
    of the map `found`; without one there are too few persons for it to be shown.
    """

    name: str | None
    found: HeatMap | None
    at: int
    over: float = 0.0
    is_over: bool = False
    person_id: int | None = None
    note: str | None = None
    nobody: bool = False

    @property
    def cells(self) -> tuple[Cell, ...] | None:
        """Its periods."""
        return None if self.found is None else self.found.cells(self.at)


@dataclass(frozen=True)
class Missing:
    """Open work in no load, by what is missing: items, and hours where they are known."""

    items: int
    hours: float


@dataclass(frozen=True)
class FromPoints:
    """Dated work whose hours were made of points: items, hours, and the band these are in."""

    items: int
    hours: float
    low: float
    high: float


@dataclass(frozen=True)
class LoadView:
    """What a viewer sees of the load. `missing` as in `Plan.unplanned`."""

    periods: Periods
    rows: tuple[Row, ...]
    missing: Mapping[str, Missing]
    from_points: FromPoints


def choices(viewer: Viewer) -> tuple[By, ...]:
    """What the viewer may group by. Who sees groups only sees one way of grouping, in which nobody stands twice: the
    difference of two groups would tell of one person."""
    return tuple(By) if load_sight(viewer) is Sight.NAMED else (By.ROLE,)


def planned(connection: Connection, viewer: Viewer, day: date, now: datetime) -> tuple[Plan, Seen]:
    """The plan as it stands, without what is nobody's in projects out of sight; and what the viewer sees of it."""
    plan = kept_plan(connection, day, now)
    seen = sight(connection, viewer, plan)
    return seen.narrowed(plan), seen


def load_view(connection: Connection, viewer: Viewer, day: date, now: datetime, by: By, periods: Periods) -> LoadView:
    """The load of all whom the viewer sees, those with the most hours too much first."""
    plan, seen = planned(connection, viewer, day, now)
    found = heat_map(plan, periods)
    named = load_sight(viewer) is Sight.NAMED
    rows = (
        _persons(plan, found, seen)
        if by is By.PERSON
        else _groups(connection, plan, found, seen, Grouping(by), named=named)
    )
    nobody = (
        Row(role or None, found, place, nobody=True)
        for place, role in enumerate(plan.roles, len(plan.persons))
        if found.hard[place].any() or found.soft[place].any()
    )
    shown = seen.projects.tobytes()
    missing = plan.memo.once(
        ("missing", shown), lambda: {name: _missing(part, seen) for name, part in plan.unplanned.items()}
    )
    from_points = plan.memo.once(("from_points", shown), lambda: _from_points(plan, seen))
    return LoadView(periods, (*rows, *nobody), missing, from_points)


class Somebody(NamedTuple):
    """A person of a plan."""

    id: int
    name: str
    role: str | None
    active: bool


@dataclass(frozen=True)
class Seen:
    """Of which projects of a plan (whether, by place) a viewer sees who does what, and whose load (places). `people`
    are all who are in the plan, by place, as they are called.

    A plan is older than a sync that is under way: of who was made one with somebody meanwhile there is no load to see.
    """

    projects: NDArray[np.bool_]
    persons: Sequence[int]
    people: Mapping[int, Somebody]

    def narrowed(self, plan: Plan) -> Plan:
        """The plan without what nobody was named for in projects that are out of sight. Whoever is seen keeps all their
        load: that of other projects makes too much, too."""
        return plan.within(self.projects)


def sight(connection: Connection, viewer: Viewer, plan: Plan) -> Seen:
    """What the viewer sees of the plan: all, or whoever has work or bookings in the projects of theirs. Who sees some
    by name sees no others, not in groups either."""
    return _seen(connection, viewer, plan, Right.VIEW if load_sight(viewer) is Sight.NAMED else Right.GROUPED)


def namable(connection: Connection, viewer: Viewer, day: date, now: datetime) -> frozenset[int] | None:
    """Whom (ids) the viewer may name for a booking: whoever has work or bookings in the projects of theirs, since what
    is said of a booking tells of the load. None: anybody, whom the plan does not know yet, too."""
    rights = (Right.VIEW, Right.EDIT)
    if sees_all(viewer, Capability.ALLOCATIONS, *rights):
        return None
    plan = kept_plan(connection, day, now)
    return frozenset(plan.persons[list(_seen(connection, viewer, plan, *rights).persons)].tolist())


def _seen(connection: Connection, viewer: Viewer, plan: Plan, *rights: Right) -> Seen:
    people = _people(connection, plan)
    if sees_all(viewer, Capability.ALLOCATIONS, *rights):
        busy = set(plan.busy())
        whom = [place for place, it in people.items() if it.active or place in busy]
        return Seen(np.ones(len(plan.projects), np.bool_), whom, people)
    visible = list(connection.scalars(visible_projects(viewer, Capability.ALLOCATIONS, *rights)))
    projects = np.isin(plan.projects, visible)
    return Seen(projects, [place for place in plan.busy(projects) if place in people], people)


def _missing(part: Unplanned, seen: Seen) -> Missing:
    shown = seen.projects[part.project]
    return Missing(len(np.unique(part.item[shown])), float(np.nansum(part.hours[shown])))


def _from_points(plan: Plan, seen: Seen) -> FromPoints:
    rows = plan.rows
    made = rows.derived & (rows.work.due < NEVER) & seen.projects[rows.work.project]
    hours = (float(it[made].sum()) for it in (rows.work.hours, rows.low, rows.high))
    return FromPoints(len(np.unique(rows.item[made])), *hours)


def _people(connection: Connection, plan: Plan) -> Mapping[int, Somebody]:
    """Who of the persons of a plan is there still, by place."""

    def read() -> Mapping[int, Somebody]:
        query = select(Person.id, Person.name, Person.role, Person.active)
        rows = {row.id: Somebody(*row) for row in connection.execute(query)}
        return {place: rows[ident] for place, ident in enumerate(plan.persons.tolist()) if ident in rows}

    return plan.memo.once("people", read)


def _persons(plan: Plan, found: HeatMap, seen: Seen) -> list[Row]:
    by_name = plan.memo.once("by name", lambda: sorted(seen.people, key=lambda it: seen.people[it].name.casefold()))
    shown = np.zeros(len(plan.persons), np.bool_)
    shown[list(seen.persons)] = True
    places = np.array(by_name, np.int64)
    places = places[shown[places]]
    places = places[np.argsort(-found.too_much[places], kind="stable")]
    columns = (places.tolist(), found.too_much[places].tolist(), found.is_over[places].tolist())
    return [
        Row(it.name, found, place, over, is_over, it.id, it.role)
        for place, over, is_over in zip(*columns, strict=True)
        for it in [seen.people[place]]
    ]


def groups_in(connection: Connection, plan: Plan, seen: Seen, grouping: Grouping) -> list[Group]:
    """The groups of those who are seen."""
    return groups_among(connection, grouping, plan.persons, seen.persons, plan.as_of)


def _groups(
    connection: Connection, plan: Plan, found: HeatMap, seen: Seen, grouping: Grouping, *, named: bool
) -> list[Row]:
    """Groups of those who are seen; small ones without their load where persons are not named."""
    whom = set(seen.persons)
    # The share of a team is that of the first day of a column.
    groups = [
        group._replace(members=members)
        for group in groups_over(connection, grouping, plan.persons, found.periods.days)
        if (members := {place: share for place, share in group.members.items() if place in whom})
    ]
    sizes = dict(enumerate(found.fewest([group.members for group in groups])))
    hidden = frozenset[int]() if named else suppressed(sizes)
    grouped = found.grouped([group.members for group in groups])
    rows = [
        Row(group.name, None, 0, note=str(sizes[row]))
        if row in hidden
        else Row(
            group.name,
            grouped,
            row,
            float(grouped.too_much[row]),
            bool(grouped.is_over[row]),
            note=str(len(group.members)),
        )
        for row, group in enumerate(groups)
    ]
    return sorted(rows, key=lambda row: (-row.over, row.name is None, (row.name or "").casefold()))


@dataclass(frozen=True)
class Part:
    """What some of a person's hours are for: an item, or a booking (without key). `derived`: made of points. `project`
    None: projects out of sight, all together."""

    hours: tuple[float, ...]
    hard: bool
    derived: bool = False
    project: str | None = None
    project_id: int | None = None
    key: str | None = None
    title: str | None = None
    url: str | None = None
    due: date | None = None


@dataclass(frozen=True)
class PersonLoad:
    """The load of one person by period, and what it is made of."""

    person_id: int
    name: str
    role: str | None
    periods: Periods
    cells: tuple[Cell, ...]
    parts: tuple[Part, ...]
    missing: Mapping[str, Missing]


def person_load(
    connection: Connection, viewer: Viewer, person_id: int, day: date, now: datetime, periods: Periods
) -> PersonLoad | None:
    """The load of a person, or None where the viewer does not see it."""
    if load_sight(viewer) is not Sight.NAMED:
        return None
    plan, seen = planned(connection, viewer, day, now)
    place = int(np.searchsorted(plan.persons, person_id))
    if place not in set(seen.persons) or plan.persons[place] != person_id:
        return None
    it = seen.people[place]
    found = parts_of(plan, place, periods)
    own = {name: _missing(take(part, part.carrier == place), seen) for name, part in plan.unplanned.items()}
    cells = heat_map(plan, periods).cells(place)
    return PersonLoad(person_id, it.name, it.role, periods, cells, _told(connection, plan, seen, found), own)


def _told(connection: Connection, plan: Plan, seen: Seen, found: Sequence[Parts]) -> tuple[Part, ...]:
    """The parts in visible projects one by one, those of the others together. The largest first."""
    items = sorted({ident for part in found for ident in part.item[seen.projects[part.project]].tolist() if ident})
    columns = (WorkItem.id, WorkItem.key, WorkItem.title, WorkItem.url, WorkItem.due)
    told: dict[int, Any] = {}
    for start in range(0, len(items), 500):
        some = WorkItem.id.in_(items[start : start + 500])
        told |= {row.id: row for row in connection.execute(select(*columns).where(some))}
    names = {row.id: row.name for row in connection.execute(select(Project.id, Project.name))}
    shown: list[Part] = []
    for part in found:
        listed = (it.tolist() for it in (part.item, part.project, part.hours, part.derived))
        for item, project, hours, derived in zip(*listed, strict=True):
            if not seen.projects[project] or not sum(hours):
                continue
            ident, row = int(plan.projects[project]), told.get(item)
            of_item = (row.key, row.title, row.url, row.due) if row else (None, None, None, None)
            shown.append(Part(tuple(hours), part.hard, derived, names[ident], ident, *of_item))
        elsewhere = part.hours[~seen.projects[part.project]].sum(axis=0)
        if elsewhere.any():
            shown.append(Part(tuple(elsewhere.tolist()), part.hard))
    return tuple(sorted(shown, key=lambda it: (-sum(it.hours), it.project is None, it.key or "")))
