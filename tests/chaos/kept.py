"""What the portfolio holds of one connection, as a portrait; whether it is consistent; and a digest of all its rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from portfolio.model import Base
from portfolio.model.base import FAR
from portfolio.model.landing import Absence, Cursor, Quarantine
from portfolio.model.people import PersonIdentity
from portfolio.model.structure import ProjectRef, StatusUpdate
from portfolio.model.work import (
    Dependency,
    ItemProject,
    ItemSprint,
    ItemVersion,
    Milestone,
    Sprint,
    Transition,
    WorkItem,
    Worklog,
)
from portfolio.store.engine import reading
from tests.chaos.portrait import ItemPortrait, Portrait

BOOKKEEPING = frozenset(
    {
        "sync_run",
        "sync_run_stream",
        "cursor",
        "lease",
        "rate_budget",
        "slice_count",
        "schedule",
        "history_due",
        "duty_lease",
    }
)
"""Tables that tell of runs and not of the tracker."""


def portrait(engine: Engine, connection_id: int, today: date) -> Portrait:
    """The live records of a connection."""
    with reading(engine) as store:
        refs = select(ProjectRef).where(ProjectRef.connection_id == connection_id)
        projects = store.execute(refs).all()
        by_project = {row.project_id: row.external_id for row in projects}
        accounts = _accounts(store, connection_id)
        seen = {row.external_id for row in projects if row.deleted_at is None}
        items, gone = _items(store, connection_id, by_project, accounts, seen)
        return Portrait(
            items=items,
            gone=gone,
            links=_links(store, connection_id, items),
            projects={row.external_id: (row.name, row.archived) for row in projects if row.deleted_at is None},
            sprints={
                row.external_id: (row.name, row.state)
                for row in store.execute(
                    select(Sprint.external_id, Sprint.name, Sprint.state).where(Sprint.connection_id == connection_id)
                )
            },
            milestones={
                row.external_id: (row.name, row.due, row.finished_on)
                for row in store.execute(
                    select(Milestone.external_id, Milestone.name, Milestone.due, Milestone.finished_on).where(
                        Milestone.connection_id == connection_id, Milestone.item_id.is_(None)
                    )
                )
            },
            reports={
                row.external_id: (row.title, row.status)
                for row in store.execute(
                    select(StatusUpdate.external_id, StatusUpdate.title, StatusUpdate.status).where(
                        StatusUpdate.connection_id == connection_id
                    )
                )
            },
            people={
                row.external_id: (row.name, row.active)
                for row in store.execute(
                    select(PersonIdentity.external_id, PersonIdentity.name, PersonIdentity.active).where(
                        PersonIdentity.connection_id == connection_id
                    )
                )
            },
            counted=_counted(store, connection_id, by_project, today),
        )


def live_ids(engine: Engine, connection_id: int) -> tuple[set[str], set[tuple[str, str]]]:
    """The live items, and the worklogs of such, each after its item."""
    with reading(engine) as store:
        own = (WorkItem.connection_id == connection_id, WorkItem.deleted_at.is_(None))
        items = set(store.scalars(select(WorkItem.external_id).where(*own)))
        logs = select(WorkItem.external_id, Worklog.external_id).join(Worklog, WorkItem.id == Worklog.item_id)
        return items, {(item, log) for item, log in store.execute(logs.where(*own))}


def waiting(engine: Engine) -> list[str]:
    """What is in quarantine, and why."""
    with reading(engine) as store:
        rows = store.execute(select(Quarantine.stream, Quarantine.external_id, Quarantine.reason))
        return [f"quarantine: {stream} {ident}: {reason}" for stream, ident, reason in rows]


def unsettled(engine: Engine) -> bool:
    """Whether anything is missing and not retired."""
    with reading(engine) as store:
        return store.scalar(select(Absence.external_id).where(Absence.applied_at.is_(None)).limit(1)) is not None


def inconsistencies(engine: Engine, connection_id: int) -> list[str]:
    """What no portfolio may show, whatever the tracker says, a line each."""
    found: list[str] = []
    with reading(engine) as store:
        own = WorkItem.connection_id == connection_id
        open_version = ItemVersion.valid_to == FAR
        for row in store.execute(
            select(WorkItem, func.count(ItemVersion.item_id).label("open"))
            .outerjoin(ItemVersion, (ItemVersion.item_id == WorkItem.id) & open_version)
            .where(own)
            .group_by(WorkItem.id)
        ):
            dead = row.deleted_at is not None
            if dead == bool(row.open):
                found.append(f"item {row.external_id} is {'gone' if dead else 'live'} with {row.open} open versions")
            if dead != (row.gone is not None):
                found.append(f"item {row.external_id}: gone is {row.gone}, deleted_at {row.deleted_at}")
        names = ("project_id", "category", "due", "assignee_id", "estimate_s", "kind")
        both = [(getattr(WorkItem, name), getattr(ItemVersion, name)) for name in names]
        columns = [column for pair in both for column in pair]
        query = select(WorkItem.external_id, *columns).join(ItemVersion, ItemVersion.item_id == WorkItem.id)
        for ident, *values in store.execute(query.where(own, open_version, WorkItem.deleted_at.is_(None))):
            pairs = zip(names, values[::2], values[1::2], strict=True)
            found += [
                f"item {ident}: {name} is {now}, its version has {then}" for name, now, then in pairs if now != then
            ]
        spans = select(ItemVersion.item_id, ItemVersion.valid_from, ItemVersion.valid_to).order_by(
            ItemVersion.item_id, ItemVersion.valid_from
        )
        last: tuple[int, date] | None = None
        for item, since, until in store.execute(spans):
            if since >= until or (last is not None and last[0] == item and last[1] != since):
                found.append(f"item {item}: a version from {since} to {until} after one to {last and last[1]}")
            last = (item, until)
    return found


def unfinished_cursors(engine: Engine, connection_id: int, now: datetime) -> list[str]:
    """Cursors that are not at the end of their slice after a run that read everything."""
    with reading(engine) as store:
        rows = store.execute(select(Cursor).where(Cursor.connection_id == connection_id)).all()
    return [
        f"cursor {row.stream} {row.slice}: at {row.position}, next mark {row.next_mark}, completed {row.completed_at}"
        for row in rows
        if row.position is not None or row.next_mark is not None or row.completed_at is None or row.completed_at > now
    ]


def digest(engine: Engine, leave_out: Collection[str] = BOOKKEEPING) -> dict[str, str]:
    """A hash of all rows of each table, by its name."""
    with reading(engine) as store:
        return {
            table.name: hashlib.blake2b("\n".join(_lines(store, table)).encode(), digest_size=12).hexdigest()
            for table in Base.metadata.sorted_tables
            if table.name not in leave_out
        }


def _lines(store: Connection, table: Any) -> Iterator[str]:
    for row in store.execute(select(table).order_by(*table.primary_key)):
        yield repr(tuple(row))


def _accounts(store: Connection, connection_id: int) -> dict[int, str]:
    """One account of each person on this connection."""
    query = select(PersonIdentity.person_id, PersonIdentity.external_id).where(
        PersonIdentity.connection_id == connection_id, PersonIdentity.person_id.is_not(None)
    )
    return {person: ident for person, ident in store.execute(query) if person is not None}


def _items(
    store: Connection, connection_id: int, by_project: dict[int, str], accounts: dict[int, str], seen: set[str]
) -> tuple[dict[str, ItemPortrait], dict[str, str]]:
    rows = store.execute(select(WorkItem).where(WorkItem.connection_id == connection_id)).all()
    live = {row.id: row.external_id for row in rows if row.deleted_at is None}
    shown: dict[int, set[str]] = {}
    for item, project in store.execute(select(ItemProject.item_id, ItemProject.project_id)):
        shown.setdefault(item, set()).add(by_project.get(project, f"?{project}"))
    turns = Counter(store.scalars(select(Transition.item_id)))
    worked: dict[int | None, set[tuple[str, int]]] = {}
    for item, ident, seconds in store.execute(select(Worklog.item_id, Worklog.external_id, Worklog.seconds)):
        worked.setdefault(item, set()).add((ident, seconds))
    sprints: dict[int, set[str]] = {}
    boxes = select(ItemSprint.item_id, Sprint.external_id).join(Sprint, Sprint.id == ItemSprint.sprint_id)
    for item, sprint in store.execute(boxes):
        sprints.setdefault(item, set()).add(sprint)
    items = {
        row.external_id: ItemPortrait(
            title=row.title,
            key=row.key,
            project=by_project.get(row.project_id),
            projects=frozenset(shown.get(row.id, ())) & seen,
            status=row.status,
            category=row.category,
            assignee=accounts.get(row.assignee_id),
            due=row.due,
            estimate_s=row.estimate_s,
            parent=live.get(row.parent_id),
            turns=turns[row.id],
            worked=frozenset(worked.get(row.id, ())),
            sprints=frozenset(sprints.get(row.id, ())),
        )
        for row in rows
        if row.deleted_at is None
    }
    return items, {row.external_id: row.gone for row in rows if row.deleted_at is not None}


def _links(store: Connection, connection_id: int, items: dict[str, ItemPortrait]) -> frozenset[tuple[str, str, str]]:
    """The links between live items."""
    ends = WorkItem.__table__.alias("first"), WorkItem.__table__.alias("second")
    query = (
        select(Dependency.type, ends[0].c.external_id, ends[1].c.external_id)
        .join(ends[0], ends[0].c.id == Dependency.from_item_id)
        .join(ends[1], ends[1].c.id == Dependency.to_item_id)
        .where(Dependency.connection_id == connection_id)
    )
    return frozenset((kind, a, b) for kind, a, b in store.execute(query) if a in items and b in items)


def _counted(store: Connection, connection_id: int, by_project: dict[int, str], today: date) -> dict[str, int]:
    query = (
        select(ItemVersion.project_id, func.count())
        .join(WorkItem, WorkItem.id == ItemVersion.item_id)
        .where(WorkItem.connection_id == connection_id, ItemVersion.valid_from <= today, ItemVersion.valid_to > today)
        .group_by(ItemVersion.project_id)
    )
    return {by_project.get(project, ""): count for project, count in store.execute(query)}
