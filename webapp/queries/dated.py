"""What has a day, for calendars: the milestones of a project, and what is assigned to one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, or_, select

from portfolio.access.rows import seen
from portfolio.access.viewer import Viewer
from portfolio.facts.gather import Day
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.structure import Project
from portfolio.model.work import ItemAssignee, Milestone, WorkItem
from webapp.queries.milestones import milestones_of


@dataclass(frozen=True)
class Dated:
    """A milestone or an item with the day it was reached, else is due.

    `tracker`, `kind` ("item", or "milestone" of what is no item) and `external_id` identify it for good. `state` is
    reached, ahead, overdue or cancelled; `planned` the day a milestone is held against; `changed` None where the
    tracker does not tell.
    """

    tracker: str
    kind: str
    external_id: str
    name: str
    project: str
    url: str | None
    day: date
    state: str
    planned: date | None
    changed: datetime | None


def milestones_dated(connection: Connection, project_id: int, project: str, day: Day) -> tuple[Dated, ...]:
    """The milestones of a project that have a date, cancelled ones too, by due date."""
    found = connection.execute(
        select(Milestone.id, ConnectionRow.address, Milestone.external_id, WorkItem.external_id, WorkItem.updated_at)
        .join(ConnectionRow, ConnectionRow.id == Milestone.connection_id)
        .outerjoin(WorkItem, WorkItem.id == Milestone.item_id)
        .where(Milestone.project_id == project_id)
    )
    known = {row[0]: row[1:] for row in found}
    return tuple(
        Dated(
            tracker,
            "item" if item_id else "milestone",
            item_id or own_id,
            it.name,
            project,
            it.url,
            when,
            it.state,
            it.baseline,
            changed,
        )
        for it in milestones_of(connection, (project_id,), day)
        if (when := it.finished_on or it.due) is not None
        for tracker, own_id, item_id, changed in (known[it.id],)
    )


def own_dated(connection: Connection, viewer: Viewer, day: date) -> tuple[Dated, ...]:
    """What is open, due some day and assigned to the viewer, in projects they see, by due date; of nobody else."""
    if viewer.person_id is None:
        return ()
    beside = select(ItemAssignee.item_id).where(ItemAssignee.person_id == viewer.person_id)
    found = connection.execute(
        select(
            ConnectionRow.address,
            WorkItem.external_id,
            WorkItem.title,
            Project.name,
            WorkItem.url,
            WorkItem.due,
            WorkItem.updated_at,
        )
        .join(ConnectionRow, ConnectionRow.id == WorkItem.connection_id)
        .join(Project, Project.id == WorkItem.project_id)
        .where(or_(WorkItem.assignee_id == viewer.person_id, WorkItem.id.in_(beside)))
        .where(WorkItem.due.is_not(None), WorkItem.deleted_at.is_(None))
        .where(WorkItem.category.in_(("todo", "in_progress")), seen(Project.__table__.c.id, viewer))
        .order_by(WorkItem.due, WorkItem.id)
    )
    return tuple(
        Dated(tracker, "item", own_id, name, project, url, due, "overdue" if due < day else "ahead", None, changed)
        for tracker, own_id, name, project, url, due, changed in found
        if due is not None
    )
