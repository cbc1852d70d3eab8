"""The rows of a mapped item, with the ids of this database, and the hash that tells whether they are the same."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

import msgspec

from portfolio.model.base import Base
from portfolio.model.mapping import ItemAttribute, ItemTemplate
from portfolio.model.work import (
    FieldChange,
    ItemAssignee,
    ItemProject,
    ItemSprint,
    ItemVersion,
    Transition,
)
from portfolio.store.upsert import Values
from sync.mapping.items import ItemValues
from sync.mapping.past import VersionValues
from sync.mapping.projects import clean
from sync.write.ledger import Ledger

# The columns of a row of each table, in the order in which the functions below give their values.
OWN = (
    "connection_id", "external_id", "key", "url", "title", "project_id", "inherits_project", "home", "source", "kind",
    "mapped_kind", "tracker_kind", "status", "category", "flow", "priority", "role", "resolution", "approval",
    "assignee_id", "reporter_id", "created_at", "updated_at",
    "created_on", "start", "due", "started_on", "finished_on", "estimate_s", "remaining_s", "spent_s", "points",
    "parent_external_id", "parent_key", "parent_since", "milestone_external_id", "labels", "synthetic", "deleted_at",
    "gone",
)  # fmt: skip
# Without the item's own id, which stands before them.
CHILDREN: dict[type[Base], tuple[str, ...]] = {
    Transition: ("seq", "at", "from_status", "to_status", "from_category", "to_category", "by_id"),
    FieldChange: ("seq", "at", "field", "old", "new", "by_id"),
    ItemVersion: (
        "valid_from", "valid_to", "project_id", "kind", "category", "flow", "start", "due", "estimate_s",
        "remaining_s", "points", "sprint", "assignee_id", "first_due", "started_on", "finished_on", "reopened_on",
        "active_s", "flow_s", "lead_s", "synthetic", "created_on", "parent_from", "parent_to",
    ),
    ItemProject: ("project_id", "section", "is_primary"),
    ItemAssignee: ("person_id",),
    ItemSprint: ("sprint_id",),
    ItemAttribute: ("name", "number", "currency", "text", "day", "person_id"),
    ItemTemplate: ("code", "evidence"),
}  # fmt: skip

# Where a version has ids of the tracker's.
_PROJECT, _ASSIGNEE = map(VersionValues._fields.index, ("project", "assignee"))

_encode = msgspec.msgpack.Encoder(enc_hook=str, decimal_format="string").encode


class ItemRows(NamedTuple):
    """What is written of an item: the values of `OWN`, and of each table of `CHILDREN`, in their order.

    Its versions come without their last two values, which no item can tell of itself (`sync.write.settled`).

    `unmapped` are (subject, value) pairs that only turned out here: people named in fields whom nobody knows.
    """

    own: Values
    children: tuple[list[Values], ...]
    hash: bytes
    unmapped: list[tuple[str, str]]


def rows_of(ledger: Ledger, item: ItemValues) -> ItemRows:
    """The rows of an item. Equal hashes mean equal rows, links and milestone, but for what settling decides."""
    own, (attributes, unmapped) = _own(ledger, item), _attributes(ledger, item)
    people, strangers = _people(ledger, item)
    children = (
        *_history(ledger, item),
        _places(ledger, item) if item.memberships else [],
        people,
        [(sprint,) for sprint in _sprints(ledger, item)],
        attributes,
        list(item.templates.items()),
    )
    told = (own, children, item.links, item.history.first_due if item.kind == "milestone" else None)
    return ItemRows(own, children, blake2b(_encode(told), digest_size=16).digest(), unmapped + strangers)


def _own(ledger: Ledger, item: ItemValues) -> Values:
    record, history, person = item.record, item.history, ledger.people.person
    return (
        ledger.connection_id,
        record.external_id,
        record.key,
        record.url,
        clean(record.title),
        ledger.projects.get(item.memberships[0].project_id) if item.memberships else None,
        not item.memberships,
        item.home,
        item.memberships[0].project_id if item.memberships else None,
        item.kind,
        item.kind,
        record.kind_name,
        item.status,
        item.category,
        item.flow,
        item.priority,
        item.role,
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
        record.parent_id,
        record.parent_key,
        history.parent_since if record.parent_id or record.parent_key else None,
        record.milestone_ids[0] if record.milestone_ids else None,
        ",".join(record.labels),
        history.synthetic,
        None,
        None,
    )


def _history(ledger: Ledger, item: ItemValues) -> tuple[list[Values], list[Values], list[Values]]:
    person, projects = ledger.people.person, ledger.projects
    history = item.history
    constant = (history.synthetic, ledger.rules.day(item.record.created))
    transitions: list[Values] = [
        (seq, at, from_status, to_status, from_category, to_category, person(by))
        for seq, (at, from_status, to_status, from_category, to_category, by) in enumerate(history.transitions)
    ]
    changes: list[Values] = [
        (seq, at, field, old, new, person(by)) for seq, (at, field, old, new, by) in enumerate(history.field_changes)
    ]
    versions: list[Values] = [
        (
            *each[:_PROJECT],
            projects.get(each.project or ""),
            *each[_PROJECT + 1 : _ASSIGNEE],
            person(each.assignee),
            *each[_ASSIGNEE + 1 :],
            *constant,
        )
        for each in history.versions
    ]
    return transitions, changes, versions


def _places(ledger: Ledger, item: ItemValues) -> list[Values]:
    projects, primary = ledger.projects, item.memberships[0]
    shown = {projects.get(member.project_id): member for member in reversed(item.memberships)}
    return [
        (project, member.section_name, member is primary) for project, member in shown.items() if project is not None
    ]


def _people(ledger: Ledger, item: ItemValues) -> tuple[list[Values], list[tuple[str, str]]]:
    further = {ledger.people.person(ident) for ident in item.assignees}
    known = sorted(ident for ident in further if ident is not None)
    return [(person,) for person in known], [_stranger("assignees")] * (None in further)


def _sprints(ledger: Ledger, item: ItemValues) -> list[int]:
    return sorted({ledger.sprints[ident] for ident in item.record.sprint_ids if ident in ledger.sprints})


def _attributes(ledger: Ledger, item: ItemValues) -> tuple[list[Values], list[tuple[str, str]]]:
    rows: list[Values] = []
    strangers: list[tuple[str, str]] = []
    for name, value in item.attributes.items():
        person = ledger.people.person(value.person)
        if value.person is not None and person is None:
            strangers.append(_stranger(name))
        else:
            rows.append((name, value.number, value.currency, value.text, value.day, person))
    return rows, strangers


def _stranger(field: str) -> tuple[str, str]:
    """Without the account: nobody could be told apart by it who is not known."""
    return f"field {field}", "somebody of whom the tracker tells nothing"
