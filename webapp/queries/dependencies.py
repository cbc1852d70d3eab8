"""Dependencies of a project with other projects, in one statement: what it waits for, and what waits for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, inspect, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from portfolio.access.rows import seen
from portfolio.access.viewer import Viewer
from portfolio.model.structure import Project
from portfolio.model.work import Dependency, WorkItem

MOST_LINKS = 200


@dataclass(frozen=True)
class End:
    """One end of a dependency."""

    key: str | None
    title: str | None
    url: str | None
    category: str | None
    due: date | None
    project_id: int | None
    project: str | None


@dataclass(frozen=True)
class Link:
    """A dependency with another project. `waits`: this project's item is the successor.

    `other` is None where the other project is out of the viewer's sight: that there is a dependency concerns this one,
    with what does not.
    """

    type: str
    tracker_type: str
    waits: bool
    own: End
    other: End | None


def _links(project_ids: Collection[int], viewer: Viewer, *, waits: bool) -> Select[*tuple[Any, ...]]:
    own, other = aliased(WorkItem), aliased(WorkItem)
    near, far = aliased(Project), aliased(Project)
    own_end, other_end = Dependency.to_item_id, Dependency.from_item_id
    if not waits:
        own_end, other_end = other_end, own_end
    return (
        select(
            Dependency.type,
            Dependency.tracker_type,
            own.key,
            own.title,
            own.url,
            own.category,
            own.due,
            own.project_id,
            near.name,
            other.key,
            other.title,
            other.url,
            other.category,
            other.due,
            other.project_id,
            far.name,
            or_(other.project_id.is_(None), seen(inspect(other).selectable.c.project_id, viewer)),
        )
        .join(own, own.id == own_end)
        .join(other, other.id == other_end)
        .join(near, near.id == own.project_id)
        .outerjoin(far, far.id == other.project_id)
        .where(own.project_id.in_(project_ids), other.project_id.is_distinct_from(own.project_id))
        .where(Dependency.type != "relates", own.deleted_at.is_(None), other.deleted_at.is_(None))
        .order_by(other.due.asc().nulls_last(), other.key)
        .limit(MOST_LINKS)
    )


def links_of(connection: Connection, project_ids: Collection[int], viewer: Viewer) -> tuple[Link, ...]:
    """Dependencies of these projects with others: first what they wait for, then what waits for them."""
    both = (_links(project_ids, viewer, waits=waits).add_columns(literal(waits)).subquery() for waits in (True, False))
    rows = connection.execute(union_all(*(select(each) for each in both))).all()
    # The other end's due date and key: what comes first there stands first, and no date last.
    ordered = sorted(rows, key=lambda row: (not row[17], row[13] is None, row[13] or date.min, row[9]))
    return tuple(
        Link(row[0], row[1], bool(row[17]), End(*tuple(row[2:9])), End(*tuple(row[9:16])) if row[16] else None)
        for row in ordered
    )
