"""Projects that hang on few persons, as a viewer may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen
from portfolio.access.viewer import Viewer
from portfolio.facts.lifecycle import OVER
from portfolio.kpis.staffing import Leaving
from portfolio.model.people import Person
from portfolio.model.structure import Project
from portfolio.resources.kept import kept_plan
from portfolio.resources.key_people import Hangs, hang_on_few
from webapp.queries.load import sight


@dataclass(frozen=True)
class Key:
    """Somebody a project hangs on, and the share of the work that nobody else knows, once those before are gone.
    Neither id nor name of whom the viewer does not see by name."""

    person_id: int | None
    name: str | None
    share: float


@dataclass(frozen=True)
class AtRisk:
    """A project that hangs on `factor` persons. `persons` None: the viewer sees nobody by name there. `judged`: they
    see its figures, too."""

    project_id: int
    name: str
    factor: int
    persons: tuple[Key, ...] | None
    items: int
    units: int
    judged: bool


def at_risk(connection: Connection, viewer: Viewer, now: datetime) -> tuple[AtRisk, ...]:
    """The projects in sight that go on and hang on one or two persons. Who sees figures and persons of a project
    sees all of these by name; who sees load alone, those whose load they see. `now` carries the portfolio's zone."""
    project_id = Project.__table__.c.id
    in_sight = seen(project_id, viewer, Capability.KPIS, Right.VIEW, Right.LOAD)
    query = select(Project.id, Project.name).where(in_sight, Project.status.not_in(OVER))
    projects = {row.id: row.name for row in connection.execute(query)}
    found = hang_on_few(connection, now.date(), projects.keys())
    judged, named = (
        set(connection.scalars(select(Project.id).where(seen(project_id, viewer, what, Right.VIEW))))
        for what in (Capability.KPIS, Capability.ALLOCATIONS)
    )
    whom = {it.person for each in found for it in each.persons}
    query = select(Person.id, Person.name).where(Person.id.in_(whom))
    names = {row.id: row.name for row in connection.execute(query)}
    by_load = any(each.project_id in named - judged for each in found)
    loaded = _loaded(connection, viewer, now) if by_load else frozenset[int]()

    def key(it: Leaving, each: Hangs) -> Key:
        share = it.items / each.items
        shown = each.project_id in judged or it.person in loaded
        return Key(it.person, names[it.person], share) if shown else Key(None, None, share)

    return tuple(
        AtRisk(
            each.project_id,
            projects[each.project_id],
            len(each.persons),
            tuple(key(it, each) for it in each.persons) if each.project_id in named else None,
            each.items,
            each.units,
            each.project_id in judged,
        )
        for each in found
    )


def _loaded(connection: Connection, viewer: Viewer, now: datetime) -> frozenset[int]:
    """Whose load (ids) the viewer sees by name."""
    plan = kept_plan(connection, now.date(), now)
    return frozenset(plan.persons[list(sight(connection, viewer, plan).persons)].tolist())
