"""Scenarios as a viewer may see them: their own and those that are shared, computed in the viewer's own sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, select

from portfolio.access.matrix import Capability, Right
from portfolio.access.viewer import Viewer
from portfolio.model.people import Person
from portfolio.model.resources import Scenario
from portfolio.model.structure import Project
from portfolio.model.work import WorkItem
from portfolio.resources.periods import Periods
from portfolio.resources.plan import Plan
from portfolio.scenario.compare import PersonWeeks
from portfolio.scenario.kept import Kept, kept, readable
from portfolio.scenario.names import Names
from portfolio.scenario.naming import InSight, read_names
from portfolio.scenario.new_project import NewProject, Starts, starts
from portfolio.scenario.operations import Operation, Whom
from portfolio.scenario.projects import ProjectChange
from portfolio.scenario.run import Outcome, run
from portfolio.scenario.settle import whom_of
from portfolio.scenario.todo import ToDo, to_do
from webapp.queries.load import planned

MOST_OFFERED = 200
"""So many items, those with the most hours, are offered where an item is named."""


@dataclass(frozen=True)
class Line:
    """An operation as it is read: `persons` are the names of whom it names. `why`: it is left out, for that reason.

    `hidden`: it is another's, and what it names is not in the viewer's sight: nothing but its kind may be told.
    """

    number: int
    operation: Operation
    persons: tuple[str, ...]
    why: str | None
    hidden: bool

    @property
    def kind(self) -> str:
        """What kind of operation it is."""
        return str(type(self.operation).__struct_config__.tag)


@dataclass(frozen=True)
class Changed:
    """Whoever changes: their name, their id (None: the scenario adds them), and their weeks."""

    name: str
    person_id: int | None
    weeks: PersonWeeks

    @property
    def key(self) -> tuple[int | None, str]:
        """Who they are in several scenarios: namesakes are not one, and who is added has no id."""
        return self.person_id, self.name


@dataclass(frozen=True)
class Moved:
    """A project that changes, with its name."""

    project_id: int
    name: str
    change: ProjectChange


@dataclass(frozen=True)
class Told:
    """A scenario, and what it would change in the viewer's sight."""

    kept: Kept
    mine: bool
    lines: tuple[Line, ...]
    outcome: Outcome
    persons: tuple[Changed, ...]
    projects: tuple[Moved, ...]
    todo: tuple[ToDo, ...]

    @property
    def named(self) -> frozenset[int]:
        """Whom (ids) the operations name that are shown."""
        shown = (line.operation for line in self.lines if not line.hidden)
        return frozenset(whom for operation in shown for whom in whom_of(operation) if isinstance(whom, int))

    @property
    def fitting(self) -> int:
        """How many operations were applied."""
        return len(self.lines) - len(self.outcome.left_out)


@dataclass(frozen=True)
class Offered:
    """What forms may offer: persons and roles, codes of projects, calendars, and keys of items with their titles."""

    persons: tuple[str, ...]
    roles: tuple[str, ...]
    projects: tuple[str, ...]
    calendars: tuple[str, ...]
    items: tuple[tuple[str, str], ...]


def list_scenarios(connection: Connection, viewer: Viewer) -> tuple[Kept, ...]:
    """All that the viewer may read, their own first."""
    found = kept(connection, readable(viewer.user_id))
    return tuple(sorted(found, key=lambda it: it.owner_id != viewer.user_id))


def first_lines(connection: Connection, viewer: Viewer, found: Sequence[Kept], now: datetime) -> Mapping[int, Line]:
    """The first operation of each of the viewer's own scenarios, by the scenario's id: what tells them apart where they
    are called alike. What others shared is told where it is opened, as far as it is in sight."""
    firsts = {it.id: it.operations[0] for it in found if it.owner_id == viewer.user_id and it.operations}
    if not firsts:
        return {}
    names = Names()
    # The plan is asked for only where it is to be known what somebody is called.
    if any(isinstance(whom, int) for it in firsts.values() for whom in whom_of(it)):
        _, names = names_for(connection, viewer, (), now)
    return {ident: _line(1, it, names) for ident, it in firsts.items()}


def find_scenario(connection: Connection, viewer: Viewer, scenario_id: int) -> Kept | None:
    """A scenario, None where the viewer may not read it."""
    found = kept(connection, (Scenario.id == scenario_id) & readable(viewer.user_id))
    return found[0] if found else None


def may_see_cost(viewer: Viewer) -> bool:
    """Whether they see what hours cost: the difference a person makes tells their rate, so only who sees rates."""
    return viewer.may_everywhere(Capability.COST_RATES, Right.VIEW)


def in_sight(connection: Connection, viewer: Viewer, now: datetime) -> tuple[Plan, InSight]:
    """The plan as the viewer sees it, and what of it they may name."""
    plan, seen = planned(connection, viewer, now.date(), now)
    return plan, InSight(seen.projects, seen.persons)


def tell(connection: Connection, viewer: Viewer, it: Kept, now: datetime, weeks: Periods) -> Told:
    """What a scenario would change in the viewer's sight."""
    plan, seen = in_sight(connection, viewer, now)
    found = run(connection, plan, it.operations, seen, weeks, with_cost=may_see_cost(viewer))
    mine = it.owner_id == viewer.user_id
    ids = plan.projects.tolist()
    return Told(
        it,
        mine,
        _lines(it, found, mine=mine),
        found,
        _changed(connection, found),
        _moved(connection, found, ids),
        to_do(connection, it.operations, found.left_out, found.names, ids),
    )


def _lines(it: Kept, found: Outcome, *, mine: bool) -> tuple[Line, ...]:
    why = {fault.number: fault.text for fault in found.left_out}
    return tuple(
        _line(number, operation, found.names, why.get(number), hidden=number in why and not mine)
        for number, operation in enumerate(it.operations, 1)
    )


def _line(number: int, operation: Operation, names: Names, why: str | None = None, *, hidden: bool = False) -> Line:
    return Line(number, operation, tuple(_name(whom, names) for whom in whom_of(operation)), why, hidden)


def _name(whom: Whom, names: Names) -> str:
    return whom if isinstance(whom, str) else names.name_of(whom) or f"person {whom}"


def _changed(connection: Connection, found: Outcome) -> tuple[Changed, ...]:
    added = {it.number: it.name for it in found.added}
    ids = [found.persons[it.place] for it in found.changes]
    query = select(Person.id, Person.name).where(Person.id.in_([ident for ident in ids if ident not in added]))
    names = {row.id: row.name for row in connection.execute(query)} | added
    return tuple(
        Changed(names[ident], None if ident in added else ident, it)
        for ident, it in zip(ids, found.changes, strict=True)
        if ident in names
    )


def _moved(connection: Connection, found: Outcome, project_ids: Sequence[int]) -> tuple[Moved, ...]:
    ids = {it.place: project_ids[it.place] for it in found.projects}
    query = select(Project.id, Project.name).where(Project.id.in_(ids.values()))
    names = {row.id: row.name for row in connection.execute(query)}
    told = [Moved(ids[it.place], names[ids[it.place]], it) for it in found.projects]
    return tuple(sorted(told, key=lambda it: (-abs(it.change.later or 0), it.name)))


def names_for(
    connection: Connection, viewer: Viewer, operations: Sequence[Operation], now: datetime
) -> tuple[Plan, Names]:
    """The plan as the viewer sees it, and what operations of theirs may name."""
    plan, seen = in_sight(connection, viewer, now)
    return plan, read_names(connection, operations, plan, seen)


def offered(connection: Connection, viewer: Viewer, now: datetime) -> Offered:
    """What may be named in forms."""
    plan, seen = in_sight(connection, viewer, now)
    names = read_names(connection, (), plan, seen)
    whom = set(plan.persons[list(seen.persons)].tolist())
    roles = connection.execute(select(Person.id, Person.role).where(Person.active, Person.role.is_not(None)))
    rows = plan.rows
    shown = np.flatnonzero(seen.projects[rows.work.project])
    largest = shown[np.argsort(-rows.work.hours[shown], kind="stable")[:MOST_OFFERED]]
    wanted = WorkItem.id.in_(set(rows.item[largest].tolist()))
    items = connection.execute(select(WorkItem.key, WorkItem.title).where(wanted).order_by(WorkItem.key))
    return Offered(
        tuple(sorted(set(names.persons.values()))),
        tuple(sorted({role for ident, role in roles if ident in whom and role})),
        tuple(sorted(names.projects)),
        tuple(sorted(name for name in names.calendars if name)),
        tuple((key, title) for key, title in items),
    )


def new_project(connection: Connection, viewer: Viewer, asked: NewProject, now: datetime) -> Starts:
    """When a new project could begin beside what the viewer sees. Raises `ScenarioError`."""
    plan, seen = in_sight(connection, viewer, now)
    return starts(connection, plan, asked, seen)
