"""Dependencies of a project with other projects, in one statement: what it waits for, and what waits for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, and_, inspect, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from portfolio.access.rows import seen
from portfolio.access.viewer import Viewer
from portfolio.facts.links import breaks
from portfolio.model.structure import Project
from portfolio.model.work import Dependency, WorkItem

MOST_LINKS = 200
STATES = ("broken", "open", "met")
_OPEN = ("todo", "in_progress")


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
    with what does not. `binds`: it is one that SCH-14 judges, finish to start with neither end done; `broken`: the
    dates of the two do not fit together, as it says. `starts`: when what waits is to start, where that is in sight.
    """

    type: str
    tracker_type: str
    waits: bool
    own: End
    other: End | None
    broken: bool
    starts: date | None
    binds: bool

    @property
    def ends(self) -> tuple[End | None, End | None]:
        """What is waited for, and what waits."""
        return (self.other, self.own) if self.waits else (self.own, self.other)

    @property
    def state(self) -> str:
        """One of `STATES`; met is one whose predecessor is done or cancelled."""
        first = self.ends[0]
        return "broken" if self.broken else "met" if first and first.category in ("done", "cancelled") else "open"

    @property
    def wanted(self) -> date | None:
        """The day what waits is to start, or else is due, by which what it waits for has to be done."""
        second = self.ends[1]
        return self.starts or (second.due if second else None)


def _links(project_ids: Collection[int], viewer: Viewer, day: date, *, waits: bool) -> Select[*tuple[Any, ...]]:
    own, other = aliased(WorkItem), aliased(WorkItem)
    near, far = aliased(Project), aliased(Project)
    own_end, other_end = Dependency.to_item_id, Dependency.from_item_id
    if not waits:
        own_end, other_end = other_end, own_end
    first, second = (other, own) if waits else (own, other)
    both_open = and_(*(each.category.in_(_OPEN) for each in (own, other)))
    binds = and_(Dependency.type == "FS", both_open)
    broken = and_(binds, breaks(first.due, second.start, second.due, day))
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
            broken,
            second.start,
            binds,
        )
        .join(own, own.id == own_end)
        .join(other, other.id == other_end)
        .join(near, near.id == own.project_id)
        .outerjoin(far, far.id == other.project_id)
        .where(own.project_id.in_(project_ids), other.project_id.is_distinct_from(own.project_id))
        .where(Dependency.type != "relates", own.deleted_at.is_(None), other.deleted_at.is_(None))
        # Where there are too many, those that are over are left out.
        .order_by(binds.desc(), other.due.asc().nulls_last(), other.key)
        .limit(MOST_LINKS)
    )


def links_of(connection: Connection, project_ids: Collection[int], viewer: Viewer, day: date) -> tuple[Link, ...]:
    """Dependencies of these projects with others: first what they wait for, then what waits for them."""
    both = (_links(project_ids, viewer, day, waits=waits).add_columns(literal(waits)) for waits in (True, False))
    rows = connection.execute(union_all(*(select(each.subquery()) for each in both))).all()
    # The other end's due date and key: what comes first there stands first, and no date last.
    ordered = sorted(rows, key=lambda row: (not row[20], row[13] is None, row[13] or date.min, row[9]))
    return tuple(
        Link(
            row[0],
            row[1],
            bool(row[20]),
            End(*tuple(row[2:9])),
            End(*tuple(row[9:16])) if row[16] else None,
            bool(row[16] and row[17]),
            row[18] if row[16] or row[20] else None,
            bool(row[16] and row[19]),
        )
        for row in ordered
    )


def links_once(connection: Connection, project_ids: Collection[int], viewer: Viewer, day: date) -> list[Link]:
    """As `links_of`, but a dependency between two of these projects only once, by state."""
    found = [
        link
        for link in links_of(connection, project_ids, viewer, day)
        if link.waits or link.other is None or link.other.project_id not in project_ids
    ]
    return sorted(found, key=lambda link: STATES.index(link.state))
