"""When a project last spoke of itself, and when its trackers were last heard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, select

from portfolio.model.landing import Cursor
from portfolio.model.oversight import NOT_OF_ALL, SyncRun
from portfolio.model.structure import Project, ProjectRef, StatusUpdate

REMEMBERED = 91
"""Twelve full weeks, wherever in a week the day is."""


class Report(NamedTuple):
    """The day of a report, and the colour it gave the project; None for words that are no colour."""

    on: date
    rag: str | None


def last_reports(
    connection: Connection, as_of: date, now: datetime, project_ids: Collection[int] | None = None
) -> dict[int, Report]:
    """The newest status update up to the end of the day, by project; days are those of `now`'s time zone.

    A project whose tracker gives its present status but no list of updates is judged by that status.
    """
    end = _end(as_of, now)
    newest = func.row_number().over(
        partition_by=StatusUpdate.project_id, order_by=(StatusUpdate.created_at.desc(), StatusUpdate.id.desc())
    )
    ranked = select(StatusUpdate.project_id, StatusUpdate.created_at, StatusUpdate.rag, newest.label("place"))
    ranked = ranked.where(StatusUpdate.created_at <= end)
    present = select(Project.id, Project.reported_at, Project.reported_rag).where(
        Project.reported_at.is_not(None), Project.reported_at <= end
    )
    if project_ids is not None:
        ranked = ranked.where(StatusUpdate.project_id.in_(project_ids))
        present = present.where(Project.id.in_(project_ids))
    each = ranked.subquery()
    updates = select(each.c.project_id, each.c.created_at, each.c.rag).where(each.c.place == 1)
    found: dict[int, tuple[datetime, str | None]] = {}
    for project_id, at, rag in [*connection.execute(updates), *connection.execute(present)]:
        assert at is not None, "both selects leave the empty ones out"
        if project_id not in found or at > found[project_id][0]:
            found[project_id] = at, rag
    return {ident: Report(at.astimezone(now.tzinfo).date(), rag) for ident, (at, rag) in found.items()}


def report_days(
    connection: Connection, as_of: date, now: datetime, project_ids: Collection[int] | None = None
) -> dict[int, frozenset[date]]:
    """The days with a status update among the last `REMEMBERED` up to the day, by project."""
    end = _end(as_of, now)
    since = StatusUpdate.created_at.between(end - timedelta(days=REMEMBERED), end)
    updates = select(StatusUpdate.project_id, StatusUpdate.created_at).where(since)
    if project_ids is not None:
        updates = updates.where(StatusUpdate.project_id.in_(project_ids))
    days: dict[int, set[date]] = defaultdict(set)
    for project_id, at in connection.execute(updates):
        days[project_id].add(at.astimezone(now.tzinfo).date())
    return {project_id: frozenset(found) for project_id, found in days.items()}


def _end(as_of: date, now: datetime) -> datetime:
    return datetime.combine(as_of, datetime.max.time(), now.tzinfo)


def last_syncs(
    connection: Connection, now: datetime, project_ids: Collection[int] | None = None
) -> dict[int, datetime | None]:
    """When what feeds a project was last read whole: the oldest of its trackers' projects, None if one never was.

    A run that ended well has brought everything of its connection up to date, unless it was for some named items only.
    One with gaps vouches only for the slices of items it read to their end, which their cursors tell. A project that no
    connection feeds is not in the answer.
    """
    well = (
        select(SyncRun.connection_id, func.max(SyncRun.finished_at).label("at"))
        .where(SyncRun.state == "done", SyncRun.mode.not_in(NOT_OF_ALL), SyncRun.finished_at <= now)
        .group_by(SyncRun.connection_id)
        .subquery("well")
    )
    own_slice = and_(
        Cursor.connection_id == ProjectRef.connection_id,
        Cursor.stream == "items",
        Cursor.slice == func.coalesce(ProjectRef.within, ProjectRef.external_id),
        Cursor.completed_at <= now,
    )
    statement = (
        select(ProjectRef.project_id, well.c.at, Cursor.completed_at)
        .outerjoin(well, well.c.connection_id == ProjectRef.connection_id)
        .outerjoin(Cursor, own_slice)
        .where(ProjectRef.deleted_at.is_(None), ProjectRef.project_id.is_not(None))
    )
    if project_ids is not None:
        statement = statement.where(ProjectRef.project_id.in_(project_ids))
    heard: dict[int, list[datetime | None]] = defaultdict(list)
    for project_id, ended_well, completed_at in connection.execute(statement):
        assert project_id is not None, "the select leaves the empty ones out"
        times = [at for at in (ended_well, completed_at) if at is not None]
        heard[project_id].append(max(times, default=None))
    return {project_id: _oldest(times) for project_id, times in heard.items()}


def _oldest(times: list[datetime | None]) -> datetime | None:
    known = [at for at in times if at is not None]
    return min(known) if len(known) == len(times) else None
