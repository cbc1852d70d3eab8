"""Work items and everything that hangs on them, a page at a time and as sets of rows.

Child rows (transitions, field changes, versions, memberships, sprints, assignees) of a changed item are replaced as a
whole. Parents, the ends of dependencies and leaves are settled after the pass, by `sync.write.settle`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select

from portfolio.model.base import Base
from portfolio.model.work import (
    Dependency,
    FieldChange,
    ItemAssignee,
    ItemProject,
    ItemSprint,
    ItemVersion,
    Milestone,
    Transition,
    WorkItem,
)
from portfolio.store.upsert import Values, insert_values, upsert, upsert_values
from sync.mapping.history import History
from sync.mapping.items import ItemValues
from sync.mapping.projects import clean
from sync.tables import table_of
from sync.write import awaited
from sync.write.ledger import Ledger
from sync.write.plans import write_milestone_rows

_KEY = ["connection_id", "external_id"]
# The columns of a row of each table, in the order in which the functions below give their values.
_COLUMNS = (
    "connection_id", "external_id", "key", "url", "title", "project_id", "inherits_project", "kind", "mapped_kind",
    "tracker_kind", "status", "category", "flow", "priority", "resolution", "approval", "assignee_id", "reporter_id",
    "created_at", "updated_at",
    "created_on", "start", "due", "started_on", "finished_on", "estimate_s", "remaining_s", "spent_s", "points",
    "parent_external_id", "parent_key", "parent_id", "milestone_external_id", "labels", "synthetic", "deleted_at",
    "gone", "profile_version",
)  # fmt: skip
_CHILDREN: dict[type[Base], tuple[str, ...]] = {
    Transition: ("item_id", "seq", "at", "from_status", "to_status", "from_category", "to_category", "by_id"),
    FieldChange: ("item_id", "seq", "at", "field", "old", "new", "by_id"),
    ItemVersion: (
        "item_id", "valid_from", "valid_to", "project_id", "kind", "category", "flow", "start", "due", "estimate_s",
        "remaining_s", "points", "assignee_id", "started_on", "finished_on", "synthetic",
    ),
    ItemProject: ("item_id", "project_id", "section", "is_primary"),
    ItemAssignee: ("item_id", "person_id"),
    ItemSprint: ("item_id", "sprint_id"),
}  # fmt: skip
Row = dict[str, Any]


class _Known(NamedTuple):
    id: int
    project_id: int | None
    parent_external_id: str | None
    parent_key: str | None
    parent_id: int | None


def write_items(
    store: Connection, ledger: Ledger, items: Sequence[ItemValues], gone_links: Collection[str] = ()
) -> None:
    """Write mapped items. `gone_links` are the ids of links these items had before and have no more."""
    if not items:
        return
    ledger.unsettled = True
    ledger.people.meet(store, (person for item in items for person in item.people))
    known = _known(store, ledger, [item.record.external_id for item in items])
    new = [item for item in items if item.record.external_id not in known]
    # Apart: SQLite looks for each row that an upsert makes in every table that refers to items, and there are many.
    insert_values(store, table_of(WorkItem), _COLUMNS, [_row(ledger, item, None) for item in new])
    old = [(item, known[item.record.external_id]) for item in items if item.record.external_id in known]
    upsert_values(store, table_of(WorkItem), _COLUMNS, [_row(ledger, item, row) for item, row in old], _KEY)
    ids = {ident: row.id for ident, row in known.items()}
    ids |= _new_ids(store, ledger, [item.record.external_id for item in new])
    _forget_children(store, [row.id for row in known.values()])
    _write_children(store, ledger, items, ids)
    _write_links(store, ledger, items, gone_links)
    _write_milestones(store, ledger, items, ids)
    awaited.note(store, ledger, items)
    for item in items:
        if item.unmapped:
            ledger.unmapped.update(set(item.unmapped))
    ledger.touch(*{ledger.projects.get(member.project_id) for item in items for member in item.memberships})
    ledger.touch(*{row.project_id for row in known.values()})


def _known(store: Connection, ledger: Ledger, external_ids: Sequence[str]) -> dict[str, _Known]:
    query = select(
        WorkItem.external_id,
        WorkItem.id,
        WorkItem.project_id,
        WorkItem.parent_external_id,
        WorkItem.parent_key,
        WorkItem.parent_id,
    ).where(WorkItem.connection_id == ledger.connection_id, WorkItem.external_id.in_(external_ids))
    return {row[0]: _Known(*row[1:]) for row in store.execute(query)}


def _new_ids(store: Connection, ledger: Ledger, external_ids: Sequence[str]) -> dict[str, int]:
    if not external_ids:
        return {}
    query = select(WorkItem.external_id, WorkItem.id).where(
        WorkItem.connection_id == ledger.connection_id, WorkItem.external_id.in_(external_ids)
    )
    return dict(store.execute(query).all())


def _row(ledger: Ledger, item: ItemValues, known: _Known | None) -> Values:
    """The item's own row. What settling decides stays as it is, unless the item names another parent."""
    record, history, person = item.record, item.history, ledger.people.person
    named = (record.parent_id, record.parent_key)
    same = known is not None and (known.parent_external_id, known.parent_key) == named
    return (
        ledger.connection_id,
        record.external_id,
        record.key,
        record.url,
        clean(record.title),
        ledger.projects.get(item.memberships[0].project_id) if item.memberships else None,
        not item.memberships,
        item.kind,
        item.kind,
        record.kind_name,
        item.status,
        item.category,
        item.flow,
        item.priority,
        record.resolution,
        record.approval,
        person(record.assignee_id),
        person(record.reporter_id),
        record.created,
        record.updated,
        item.created_on,
        item.start,
        item.due,
        history.started_on,
        history.finished_on,
        item.estimate_s,
        item.remaining_s,
        record.spent_s,
        item.points,
        *named,
        known.parent_id if known is not None and same else None,
        record.milestone_ids[0] if record.milestone_ids else None,
        ",".join(record.labels),
        history.synthetic,
        None,
        None,
        ledger.profile_version,
    )


def _forget_children(store: Connection, item_ids: Sequence[int]) -> None:
    if not item_ids:
        return
    for model in _CHILDREN:
        table = table_of(model)
        store.execute(delete(table).where(table.c.item_id.in_(item_ids)))


def _write_children(store: Connection, ledger: Ledger, items: Sequence[ItemValues], ids: dict[str, int]) -> None:
    rows: dict[type[Base], list[Values]] = {model: [] for model in _CHILDREN}
    for item in items:
        item_id = ids[item.record.external_id]
        _history_rows(ledger, item_id, item.history, rows)
        if item.memberships:
            rows[ItemProject] += _places(ledger, item_id, item)
        if item.record.co_assignee_ids:
            further = {ledger.people.person(ident) for ident in item.record.co_assignee_ids} - {None}
            rows[ItemAssignee] += [(item_id, person) for person in further]
        if item.record.sprint_ids:
            boxes = {ledger.sprints[ident] for ident in item.record.sprint_ids if ident in ledger.sprints}
            rows[ItemSprint] += [(item_id, sprint) for sprint in boxes]
    for model, children in rows.items():
        insert_values(store, table_of(model), _CHILDREN[model], children)


def _history_rows(ledger: Ledger, item_id: int, history: History, rows: dict[type[Base], list[Values]]) -> None:
    person, projects, synthetic = ledger.people.person, ledger.projects, history.synthetic
    rows[Transition] += [
        (item_id, seq, at, from_status, to_status, from_category, to_category, person(by))
        for seq, (at, from_status, to_status, from_category, to_category, by) in enumerate(history.transitions)
    ]
    rows[FieldChange] += [
        (item_id, seq, at, field, old, new, person(by))
        for seq, (at, field, old, new, by) in enumerate(history.field_changes)
    ]
    rows[ItemVersion] += [
        (item_id, since, until, projects.get(project or ""), *state, person(assignee), started, finished, synthetic)
        for since, until, project, *state, assignee, started, finished in history.versions
    ]


def _places(ledger: Ledger, item_id: int, item: ItemValues) -> list[Values]:
    projects, primary = ledger.projects, item.memberships[0]
    shown = {projects[m.project_id]: m for m in reversed(item.memberships) if m.project_id in projects}
    return [(item_id, project, member.section_name, member is primary) for project, member in shown.items()]


def _write_links(store: Connection, ledger: Ledger, items: Sequence[ItemValues], gone: Collection[str]) -> None:
    own = Dependency.connection_id == ledger.connection_id
    if gone:
        statement = delete(Dependency).where(own, Dependency.external_id == bindparam("link"))
        store.execute(statement, [{"link": ident} for ident in sorted(gone)])
    rows = {
        link.external_id: {"connection_id": ledger.connection_id, **link._asdict()}
        for item in items
        for link in item.links
    }
    upsert(store, table_of(Dependency), list(rows.values()), _KEY)


def _write_milestones(store: Connection, ledger: Ledger, items: Sequence[ItemValues], ids: dict[str, int]) -> None:
    rows: list[Row] = []
    no_more: list[int] = []
    for item in items:
        record, item_id = item.record, ids[item.record.external_id]
        if item.kind == "milestone":
            rows.append(
                {
                    "connection_id": ledger.connection_id,
                    # Versions and items of one tracker may share a number.
                    "external_id": f"item:{record.external_id}",
                    "item_id": item_id,
                    "project_id": ledger.projects.get(item.memberships[0].project_id) if item.memberships else None,
                    "name": clean(record.title),
                    "url": record.url,
                    "baseline": item.history.first_due,
                    "due": item.due,
                    "finished_on": item.history.finished_on,
                    "cancelled": item.category == "cancelled",
                }
            )
        elif item_id in ledger.milestone_items:
            no_more.append(item_id)
    write_milestone_rows(store, rows)
    ledger.milestone_items.update(row["item_id"] for row in rows)
    if no_more:
        store.execute(delete(Milestone).where(Milestone.item_id.in_(no_more)))
        ledger.milestone_items.difference_update(no_more)
