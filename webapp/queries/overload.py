"""Who has too much, what it is made of and what could be moved, as a viewer may see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, select

from portfolio.access.viewer import Viewer
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.structure import Project
from portfolio.model.work import WorkItem
from portfolio.resources.heat import Cell, heat_map
from portfolio.resources.overload import Move, Over, Room, overloads
from portfolio.resources.parts import parts_of
from portfolio.resources.periods import Periods
from portfolio.resources.plan import Plan
from portfolio.resources.skills import able, read_skills
from portfolio.resources.weights import read_weights
from webapp.queries.load import Seen, planned

CHUNK = 500
MOST_CAUSES = 8
"""Items and bookings of a conflict that are told one by one."""


@dataclass(frozen=True)
class Conflict:
    """A person who has too much in the week that begins on `day`. `weight`: of their weightiest project in it."""

    person_id: int
    name: str
    role: str | None
    day: date
    cell: Cell
    weight: float
    over: Over


@dataclass(frozen=True)
class Taker:
    """Somebody who could take an item. `is_new`: they have nothing to do with its project yet. `together`: the ids of
    all who would do it then."""

    name: str
    is_new: bool
    free: float
    together: tuple[int, ...]


class Stays(StrEnum):
    """Why nobody else and no later day was looked for."""

    BOOKED = "booked"
    """It is a firm booking."""
    HELD = "held"
    """The hours of an item stay, for a firm booking keeps them in the week."""
    SMALL = "small"
    """Others take more of the week."""
    HIDDEN = "hidden"
    """It is out of sight."""


@dataclass(frozen=True)
class Cause:
    """What a conflict is made of: an item, or a firm booking (without key); `further`: so many items and bookings that
    are small, together. `project` None: projects out of sight, all together. `takers` and `due` are what could be done
    about it, unless it `stays`, `held_by` the firm booking of a project (None: of one out of sight); `alone`: nobody
    else in sight could do it. `connection` is the tracker that knows the key."""

    hours: float
    project: str | None = None
    project_id: int | None = None
    key: str | None = None
    title: str | None = None
    url: str | None = None
    connection: str | None = None
    takers: tuple[Taker, ...] = ()
    due: date | None = None
    further: int = 0
    stays: Stays | None = None
    held_by: str | None = None
    alone: bool = False


@dataclass(frozen=True)
class Conflicts:
    """All conflicts in sight, those that weigh most first. `weighs`: some projects weigh more than others."""

    weeks: Periods
    rows: tuple[Conflict, ...]
    weighs: bool
    plan: Plan
    seen: Seen


def conflicts(connection: Connection, viewer: Viewer, day: date, now: datetime, weeks: Periods) -> Conflicts:
    """Who of those the viewer sees has too much in which week. What projects out of sight weigh is not looked at."""
    plan, seen = planned(connection, viewer, day, now)
    weight = np.where(seen.projects, read_weights(connection, plan.projects, day), 1.0)
    shown, found = set(seen.persons), heat_map(plan, weeks)
    rows = []
    for it in overloads(plan, weeks, weight):
        if it.carrier in shown:
            person, cell = seen.people[it.carrier], found.cells(it.carrier)[it.week]
            rows.append(Conflict(person.id, person.name, person.role, weeks.days[it.week], cell, it.weight, it))
    return Conflicts(weeks, tuple(rows), bool((weight > 1.0).any()), plan, seen)


def causes(
    connection: Connection, found: Conflicts, some: Sequence[Conflict], day: date
) -> Mapping[Over, tuple[Cause, ...]]:
    """What some conflicts are made of, the most hours first, and what could be moved. For a page of them: each item is
    tried on many persons."""
    if not some:
        return {}
    plan, seen, room = found.plan, found.seen, Room(found.plan)
    roles = {it.id: it.role for place in seen.persons if (it := seen.people[place]).active}
    peers = {
        role: np.searchsorted(plan.persons, members)
        for role, members in able(roles, read_skills(connection, day)).items()
    }
    nobody = np.zeros(0, np.int64)
    parts = {it.over: _parts(plan, seen, it.over, found.weeks) for it in some}
    could = {it.over: peers.get(it.role or "", nobody) for it in some}
    moves = {over: room.moves(over, others, seen.projects) for over, others in could.items()}
    told = _items(connection, {part.item for each in parts.values() for part in each if part.item})
    names = {row.id: row.name for row in connection.execute(select(Project.id, Project.name))}

    def taken(move: Move | None) -> tuple[Taker, ...]:
        others = tuple(int(plan.persons[place]) for place in move.others if place < len(plan.persons)) if move else ()
        who = [(seen.people[it.carrier], it) for it in (move.receivers if move else ())]
        return tuple(Taker(person.name, it.is_new, it.free, (*others, person.id)) for person, it in who)

    def stays(part: _Part, held: Mapping[int, int]) -> Stays:
        if part.project_id is None:
            return Stays.HIDDEN
        return Stays.BOOKED if not part.item else Stays.HELD if part.item in held else Stays.SMALL

    def cause(part: _Part, move: Move | None, held: Mapping[int, int], *, alone: bool) -> Cause:
        row, by = told.get(part.item), held.get(part.item)
        key, title, url, tracker = (row.key, row.title, row.url, row.connection) if row else (None,) * 4
        later = date.fromordinal(move.due) if move and move.due else None
        name = None if part.project_id is None else names[part.project_id]
        keeps = names[int(plan.projects[by])] if by is not None and seen.projects[by] else None
        why = stays(part, held) if move is None else None
        what = (part.hours, name, part.project_id, key, title, url, tracker, taken(move), later)
        return Cause(*what, stays=why, held_by=keeps, alone=alone)

    def told_of(over: Over) -> tuple[Cause, ...]:
        move_of = {it.item: it for it in moves[over]}
        largest = [it for it in parts[over] if it.project_id is not None][:MOST_CAUSES]
        large = [it for it in parts[over] if it.project_id is None or it in largest or it.item in move_of]
        small = [it for it in parts[over] if it not in large]
        rest = (Cause(sum(it.hours for it in small), further=len(small), stays=Stays.SMALL),) if small else ()
        held, alone = room.held(over), not (could[over] != over.carrier).any()
        return (*(cause(it, move_of.get(it.item), held, alone=alone) for it in large), *rest)

    return {over: told_of(over) for over in parts}


class _Part(NamedTuple):
    """Hours of a week: of an item (0: of a booking), and the project; None: of projects out of sight."""

    hours: float
    item: int
    project_id: int | None


def _parts(plan: Plan, seen: Seen, over: Over, weeks: Periods) -> list[_Part]:
    hours: dict[tuple[int, int | None], float] = defaultdict(float)
    for part in parts_of(plan, over.carrier, weeks):
        if not part.hard:
            continue
        rows = zip(part.item.tolist(), part.project.tolist(), part.hours[:, over.week].tolist(), strict=True)
        for item, project, of_week in rows:
            shown = seen.projects[project]
            hours[item if shown else 0, int(plan.projects[project]) if shown else None] += of_week
    found = [_Part(of_week, item, project_id) for (item, project_id), of_week in hours.items() if of_week >= 0.05]
    return sorted(found, key=lambda it: (it.project_id is None, -it.hours, it.item))


def _items(connection: Connection, wanted: set[int]) -> dict[int, Any]:
    it, listed = WorkItem, sorted(wanted)
    query = select(it.id, it.key, it.title, it.url, ConnectionRow.name.label("connection")).join(
        ConnectionRow, ConnectionRow.id == it.connection_id
    )
    told: dict[int, Any] = {}
    for start in range(0, len(listed), CHUNK):
        told |= {row.id: row for row in connection.execute(query.where(it.id.in_(listed[start : start + CHUNK])))}
    return told
