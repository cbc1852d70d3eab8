"""When a project last spoke of itself, and when its trackers were last heard."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from portfolio.model.oversight import SyncRun
from portfolio.model.structure import Project, ProjectRef, StatusUpdate


def last_reports(
    connection: Connection, as_of: date, now: datetime, project_ids: Collection[int] | None = None
) -> dict[int, date]:
    """The day of the newest status update, by project; days are those of `now`'s time zone.

    A project whose tracker gives its present status but no list of updates is judged by the date of that status.
    """
    end = datetime.combine(as_of, datetime.max.time(), now.tzinfo)
    updates = (
        select(StatusUpdate.project_id, func.max(StatusUpdate.created_at))
        .where(StatusUpdate.created_at <= end)
        .group_by(StatusUpdate.project_id)
    )
    present = select(Project.id, Project.reported_at).where(
        Project.reported_at.is_not(None), Project.reported_at <= end
    )
    if project_ids is not None:
        updates = updates.where(StatusUpdate.project_id.in_(project_ids))
        present = present.where(Project.id.in_(project_ids))
    newest: dict[int, datetime] = {}
    for project_id, at in [*connection.execute(updates), *connection.execute(present)]:
        assert at is not None, "both selects leave the empty ones out"
        newest[project_id] = max(at, newest.get(project_id, at))
    return {project_id: at.astimezone(now.tzinfo).date() for project_id, at in newest.items()}


def last_syncs(
    connection: Connection, now: datetime, project_ids: Collection[int] | None = None
) -> dict[int, datetime | None]:
    """When the connections that feed a project last ended a run well: the oldest of them, None if one never did.

    A project that no connection feeds is not in the answer.
    """
    runs = (
        select(SyncRun.connection_id, func.max(SyncRun.finished_at).label("at"))
        .where(SyncRun.state == "done", SyncRun.finished_at <= now)
        .group_by(SyncRun.connection_id)
        .subquery()
    )
    statement = (
        select(ProjectRef.project_id, func.min(runs.c.at), func.count(), func.count(runs.c.at))
        .outerjoin(runs, runs.c.connection_id == ProjectRef.connection_id)
        .where(ProjectRef.deleted_at.is_(None))
        .group_by(ProjectRef.project_id)
    )
    if project_ids is not None:
        statement = statement.where(ProjectRef.project_id.in_(project_ids))
    return {
        project_id: oldest if heard == feeding else None
        for project_id, oldest, feeding, heard in connection.execute(statement)
    }
