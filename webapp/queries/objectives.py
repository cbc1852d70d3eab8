"""Objectives, and which of the projects in sight serve them: what trackers tell beside what was said here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen, seen_connection
from portfolio.access.viewer import Viewer
from portfolio.facts.lifecycle import OVER as CLOSED
from portfolio.facts.objectives import OVER, holds, links, stands
from portfolio.model.landing import Connection as Tracker
from portfolio.model.structure import Objective, ObjectiveLink, ObjectiveProject, Project
from portfolio.objectives.wish import DROPPED, GOAL, Kept
from webapp.tables import Order

TIMES = ("standing", "all")
ORDERS = ("title", "code", "period", "weight", "projects")
_PROJECT = Project.__table__


@dataclass(frozen=True)
class Line:
    """An objective. `tracker` names the connection whose goal it is, where the viewer knows it; `projects` are those in
    sight that serve it today; `stands`: it still asks for projects."""

    id: int
    ref: str
    goal: bool
    tracker: str | None
    title: str
    status: str | None
    due: date | None
    period: str | None
    weight: Decimal | None
    metric_name: str | None
    metric_target: Decimal | None
    metric_current: Decimal | None
    parent_id: int | None
    parent: str | None
    gone_at: datetime | None
    entered_by: str | None
    entered_at: datetime | None
    stands: bool
    projects: int

    @property
    def over(self) -> bool:
        return self.status in OVER


@dataclass(frozen=True)
class Serving:
    """A project in sight that a tracker or somebody here links to an objective. `strength` counts today; `said` is what
    was said here of today, `told` what the tracker tells."""

    project_id: int
    code: str
    project: str
    project_status: str
    strength: int
    said: int | None
    told: int | None
    reason: str | None
    since: date | None
    until: date | None
    said_by: str | None
    said_at: datetime | None

    @property
    def closed(self) -> bool:
        return self.project_status in CLOSED


@dataclass(frozen=True)
class Entry:
    """What was said here of a project in sight, at any time."""

    project_id: int
    project: str
    since: date
    until: date
    strength: int
    reason: str
    said_by: str
    said_at: datetime


def _ref(it: Any) -> ColumnElement[str]:
    return func.coalesce(it.code, literal(GOAL) + cast(it.id, String))


def _shown(viewer: Viewer) -> ColumnElement[bool]:
    return seen(_PROJECT.c.id, viewer, Capability.OBJECTIVES, Right.VIEW)


def _lines(viewer: Viewer, day: date) -> tuple[Select[Any], dict[str, ColumnElement[Any]]]:
    part_of, it, served = aliased(Objective), Objective, links(day)
    serving = select(_PROJECT.c.id).where(_shown(viewer))
    count = (
        select(func.count())
        .select_from(served)
        .where(served.c.objective_id == it.id, served.c.strength >= 1, served.c.project_id.in_(serving))
        .correlate(it)
        .scalar_subquery()
    )
    known = case((seen_connection(it.__table__.c.connection_id, viewer), Tracker.name), else_=None)
    columns: list[Any] = [it.id, _ref(it), it.connection_id.is_not(None), known, it.title, it.status, it.due, it.period]
    columns += [it.weight, it.metric_name, it.metric_target, it.metric_current, part_of.id, part_of.title]
    columns += [it.gone_at, it.entered_by, it.entered_at, func.coalesce(stands(day), false()), count]
    statement = select(*columns).outerjoin(Tracker, Tracker.id == it.connection_id)
    statement = statement.outerjoin(part_of, part_of.id == it.parent_id)
    orders = {
        "title": func.lower(it.title),
        "code": func.lower(_ref(it)),
        "period": func.coalesce(it.period, ""),
        "weight": func.coalesce(it.weight, 0),
        "projects": count,
    }
    return statement, orders


@dataclass(frozen=True)
class Wish:
    """Which objectives: of a period, those that stand or all, whose title or code holds the text."""

    text: str = ""
    period: str = ""
    time: str | None = None


def _fits(wish: Wish, day: date) -> list[ColumnElement[bool]]:
    it = Objective
    found = [or_(it.title.icontains(wish.text, autoescape=True), it.code.icontains(wish.text, autoescape=True))]
    found += [it.period == wish.period] if wish.period else []
    return found + ([] if wish.time == "all" else [stands(day)])


def count_objectives(connection: Connection, wish: Wish, day: date) -> int:
    """How many objectives fit."""
    return int(connection.scalar(select(func.count()).select_from(Objective).where(*_fits(wish, day))) or 0)


def list_objectives(
    connection: Connection, viewer: Viewer, wish: Wish, day: date, order: Order, *, limit: int, offset: int = 0
) -> tuple[Line, ...]:
    """Some objectives."""
    statement, orders = _lines(viewer, day)
    first = orders[order.column].desc() if order.down else orders[order.column]
    statement = statement.where(*_fits(wish, day)).order_by(first, Objective.id)
    return tuple(Line(*row) for row in connection.execute(statement.limit(limit).offset(offset)))


def find_line(connection: Connection, viewer: Viewer, objective_id: int, day: date) -> Line | None:
    """The objective of that id."""
    row = connection.execute(_lines(viewer, day)[0].where(Objective.id == objective_id)).one_or_none()
    return None if row is None else Line(*row)


def any_objective(connection: Connection) -> bool:
    """Whether the organisation keeps any."""
    return bool(connection.scalar(select(exists().where(Objective.id.is_not(None)))))


def weights(connection: Connection, day: date) -> tuple[tuple[str, Decimal], ...]:
    """How much the objectives of each period that is not over weigh together."""
    it = Objective
    weighs = (it.period.is_not(None), it.weight.is_not(None), it.gone_at.is_(None))
    query = select(it.period, func.sum(it.weight)).where(*weighs, it.status.is_distinct_from(DROPPED))
    now = f"{day.year}-Q{(day.month + 2) // 3}"
    rows = connection.execute(query.where(it.period >= now).group_by(it.period).order_by(it.period))
    return tuple((str(period), round(Decimal(weight or 0), 3)) for period, weight in rows)


def periods(connection: Connection) -> tuple[str, ...]:
    """The periods there are objectives of."""
    query = select(Objective.period).where(Objective.period.is_not(None)).distinct().order_by(Objective.period)
    return tuple(str(period) for period in connection.scalars(query))


def serving(connection: Connection, viewer: Viewer, objective_id: int, day: date) -> tuple[Serving, ...]:
    """The projects in sight that anything is told or said of today, those that serve it most first."""
    said, told = ObjectiveLink, ObjectiveProject
    strength = func.coalesce(said.strength, told.strength)
    columns: list[Any] = [_PROJECT.c.id, _PROJECT.c.code, _PROJECT.c.name, _PROJECT.c.status, strength]
    columns += [said.strength, told.strength, said.reason, said.valid_from, said.valid_to, said.said_by, said.said_at]
    rows = connection.execute(
        select(*columns)
        .select_from(_PROJECT)
        .outerjoin(said, and_(said.project_id == _PROJECT.c.id, said.objective_id == objective_id, holds(day)))
        .outerjoin(told, and_(told.project_id == _PROJECT.c.id, told.objective_id == objective_id))
        .where(strength.is_not(None), _shown(viewer))
        .order_by(strength.desc(), func.lower(_PROJECT.c.name), _PROJECT.c.id)
    )
    return tuple(Serving(*row) for row in rows)


def entries(connection: Connection, viewer: Viewer, objective_id: int) -> tuple[Entry, ...]:
    """All that holds, held or will hold of it as it was said here, of projects in sight, the newest first."""
    it = ObjectiveLink
    columns: list[Any] = [_PROJECT.c.id, _PROJECT.c.name, it.valid_from, it.valid_to, it.strength, it.reason]
    columns += [it.said_by, it.said_at]
    rows = connection.execute(
        select(*columns)
        .join(_PROJECT, _PROJECT.c.id == it.project_id)
        .where(it.objective_id == objective_id, _shown(viewer))
        .order_by(it.valid_from.desc(), func.lower(_PROJECT.c.name), _PROJECT.c.id)
    )
    return tuple(Entry(*row) for row in rows)


def unfed(connection: Connection, objective_id: int) -> int:
    """Of how many projects that nothing feeds any more something was said here."""
    it = ObjectiveLink
    query = select(func.count(it.project_id.distinct())).join(_PROJECT, _PROJECT.c.id == it.project_id)
    return int(connection.scalar(query.where(it.objective_id == objective_id, ~_PROJECT.c.fed)) or 0)


def linkable(connection: Connection, viewer: Viewer) -> tuple[tuple[int, str], ...]:
    """The projects (id, name) that go on and that the viewer may link."""
    mine = seen(_PROJECT.c.id, viewer, Capability.OBJECTIVES, Right.EDIT)
    goes_on = _PROJECT.c.status.not_in(CLOSED)
    rows = connection.execute(select(_PROJECT.c.id, _PROJECT.c.name).where(goes_on, mine).order_by(_PROJECT.c.name))
    return tuple((row.id, row.name) for row in rows)


def project_ids(connection: Connection, viewer: Viewer, right: Right) -> frozenset[int]:
    """The projects in which the viewer has the right, closed ones too."""
    return frozenset(
        connection.scalars(select(_PROJECT.c.id).where(seen(_PROJECT.c.id, viewer, Capability.OBJECTIVES, right)))
    )


def parents(connection: Connection, day: date, of: Kept | None = None) -> tuple[tuple[int, str], ...]:
    """The objectives (id, title) that another can be part of, and the one it is part of, whatever became of that."""
    own, above = (None, None) if of is None else (of.id, of.wish.parent_id)
    fits = or_(stands(day), Objective.id == above)
    query = select(Objective.id, Objective.title).where(fits, Objective.id.is_distinct_from(own))
    return tuple((row.id, row.title) for row in connection.execute(query.order_by(func.lower(Objective.title))))
