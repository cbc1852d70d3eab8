"""Which values wait for a meaning, with what they touch and what they could mean. Counted by the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy import Connection as Store

from portfolio.kpis.dependence import kpis_reading
from portfolio.model.landing import Connection, UnmappedValue
from portfolio.model.work import Dependency, Transition, WorkItem
from sync.inbox.meaning import PLACES, Subject, said, write
from sync.inbox.note import template_code
from sync.inbox.suggest import Known, Suggestion, suggest
from sync.mapping.document import Mapping
from sync.mapping.profile import fold

_COLUMNS: Table[Subject, tuple[str, ...]] = {
    Subject.STATUS: ("category", "flow", "started_on", "finished_on"),
    Subject.FLOW: ("flow",),
    Subject.KIND: ("kind",),
}
"""Which columns of an item's state a value of the subject decides. Links and labels decide none so far."""
_CARRIED: Table[str, tuple[str, ...]] = {
    "estimate": ("estimate_s",),
    "remaining": ("remaining_s",),
    "status": _COLUMNS[Subject.STATUS],
}
"""The columns that an attribute fills, where they are not called like it."""


class Waiting(NamedTuple):
    """A value that waits, over all connections that have it.

    `value` is spelled as most items have it. `items` and `projects` that have it now; 0 where it is met in the past of
    items only. `present` is what it counts as at present. `new`: first seen since the mapping was approved. A field
    has a `title`, and `items` of `sampled` ones hold it, with `examples` of values.
    """

    subject: Subject
    value: str
    connections: tuple[str, ...]
    items: int
    projects: int
    first_seen_at: datetime
    new: bool
    present: str | None
    suggestion: Suggestion | None
    title: str = ""
    sampled: int = 0
    examples: tuple[str, ...] = ()


@dataclass
class _Met:
    spellings: Counter[str] = field(default_factory=Counter)
    connections: set[str] = field(default_factory=set)
    first_seen: list[datetime] = field(default_factory=list)
    projects: set[int] = field(default_factory=set)
    items: int = 0
    present: Counter[str] = field(default_factory=Counter)


def kpis_of(subject: Subject, meaning: str = "") -> tuple[str, ...]:
    """The ids of the KPIs whose values can change with what a value of the subject means: a field's by attribute."""
    attribute = meaning.partition(" ")[0]
    return kpis_reading(*_COLUMNS.get(subject, _CARRIED.get(attribute, (attribute,))))


def waiting(store: Store, mapping: Mapping, approved_at: datetime | None) -> tuple[Waiting, ...]:
    """All that waits under a mapping (the draft's, where there is one), what touches most items first."""
    met = _noted(store, mapping)
    if not met:
        return ()
    subjects = {subject for subject, _ in met}
    if subjects & {Subject.STATUS, Subject.FLOW}:
        flows = WorkItem.category + " " + WorkItem.flow
        _count(store, (Subject.STATUS, Subject.FLOW), _of_items(WorkItem.status, flows), met)
    if Subject.KIND in subjects:
        _count(store, (Subject.KIND,), _of_items(WorkItem.tracker_kind, WorkItem.kind), met)
    if Subject.LINK in subjects:
        _count(store, (Subject.LINK,), _of_links(), met)
    _count_labels(store, met)
    neighbours = _neighbours(store) if any(key[0] is Subject.STATUS for key in met) else {}
    elsewhere = _elsewhere(mapping)
    found = []
    for (subject, key), each in met.items():
        value = each.spellings.most_common(1)[0][0]
        category = each.present.most_common(1)[0][0] if each.present else None
        known = Known(
            elsewhere.get(subject, {}),
            category.partition(" ")[0] if category and subject is Subject.FLOW else None,
            neighbours.get(key) if subject is Subject.STATUS else None,
        )
        seen = min(each.first_seen)
        found.append(
            Waiting(
                subject,
                value,
                tuple(sorted(each.connections)),
                each.items,
                len(each.projects),
                seen,
                approved_at is not None and seen > approved_at,
                category,
                _template(value) if subject is Subject.LABEL else suggest(subject, value, known),
            )
        )
    order = tuple(Subject)
    return tuple(sorted(found, key=lambda it: (order.index(it.subject), -it.items, it.value)))


_Key = tuple[Subject, str]


def _noted(store: Store, mapping: Mapping) -> dict[_Key, _Met]:
    query = (
        select(Connection.name, UnmappedValue.subject, UnmappedValue.value, UnmappedValue.items)
        .add_columns(UnmappedValue.first_seen_at)
        .join(Connection, Connection.id == UnmappedValue.connection_id)
        .where(UnmappedValue.items > 0, UnmappedValue.subject.in_([str(each) for each in Subject]))
        .order_by(UnmappedValue.subject, UnmappedValue.value, Connection.name)
    )
    met: dict[_Key, _Met] = defaultdict(_Met)
    known: dict[tuple[str, Subject], frozenset[str]] = {}
    for connection, subject_, value, items, first_seen in store.execute(query):
        subject, key = Subject(subject_), fold(value)
        if (connection, subject) not in known:
            known[connection, subject] = said(mapping, connection, subject)
        if not key or key in known[connection, subject]:
            continue
        each = met[subject, key]
        each.spellings[value] += items
        each.connections.add(connection)
        each.first_seen.append(first_seen)
        if subject is Subject.REPORTED:
            each.items += items
    return dict(met)


def _of_items(column: Any, present: Any) -> Any:
    # Grouped before they are compared: there are few words, and many items.
    words = (
        select(WorkItem.connection_id, column.label("word"), WorkItem.project_id, present.label("present"))
        .add_columns(func.count().label("items"))
        .where(WorkItem.deleted_at.is_(None), column != "")
        .group_by(WorkItem.connection_id, column, WorkItem.project_id, present)
        .subquery()
    )
    return _named(words)


def _of_links() -> Any:
    words = (
        select(Dependency.connection_id, Dependency.tracker_type.label("word"), WorkItem.project_id)
        .add_columns(Dependency.type.label("present"), func.count().label("items"))
        .outerjoin(WorkItem, WorkItem.id == Dependency.from_item_id)
        .group_by(Dependency.connection_id, Dependency.tracker_type, WorkItem.project_id, Dependency.type)
        .subquery()
    )
    return _named(words)


def _named(words: Any) -> Any:
    columns = (Connection.name, words.c.word, words.c.project_id, words.c.present, words.c["items"])
    return select(*columns).join(Connection, Connection.id == words.c.connection_id)


def _count(store: Store, subjects: tuple[Subject, ...], query: Any, met: dict[_Key, _Met]) -> None:
    for connection, word, project_id, present, items in store.execute(query):
        for subject in subjects:
            each = met.get((subject, fold(word)))
            if each is not None and connection in each.connections:
                each.items += items
                each.present[present] += items
                if project_id is not None:
                    each.projects.add(project_id)


def _count_labels(store: Store, met: dict[_Key, _Met]) -> None:
    wanted = [next(iter(each.spellings)) for (subject, _), each in met.items() if subject is Subject.LABEL]
    if not wanted:
        return
    query = (
        select(WorkItem.labels, WorkItem.project_id, func.count())
        .where(WorkItem.deleted_at.is_(None), or_(*(_holds(each) for each in wanted)))
        .group_by(WorkItem.labels, WorkItem.project_id)
    )
    for labels, project_id, items in store.execute(query):
        for label in {fold(each) for each in labels.split(",")}:
            each = met.get((Subject.LABEL, label))
            if each is not None:
                each.items += items
                if project_id is not None:
                    each.projects.add(project_id)


def _holds(label: str) -> ColumnElement[bool]:
    return WorkItem.labels.icontains(label, autoescape=True)


def _template(label: str) -> Suggestion | None:
    code = template_code(label)
    return Suggestion(code, "it is spelled like the name of a template", 0.9) if code else None


def _neighbours(store: Store) -> dict[str, tuple[str, str]]:
    """What an unknown status could be by what items become after it, by folded name."""
    noted = (
        select(UnmappedValue.value)
        .where(UnmappedValue.subject == str(Subject.STATUS), UnmappedValue.items > 0)
        .distinct()
    )
    query = (
        select(Transition.from_status, Transition.to_category, func.count())
        .where(Transition.from_status.in_(noted), Transition.to_status.not_in(noted))
        .group_by(Transition.from_status, Transition.to_category)
    )
    after: dict[str, Counter[str]] = defaultdict(Counter)
    for status, category, times in store.execute(query):
        after[fold(status)][category] += times
    meant = {"in_progress": "todo active", "done": "in_progress active", "cancelled": "in_progress active"}
    found = {}
    for status, counts in after.items():
        category = counts.most_common(1)[0][0]
        if category in meant:
            found[status] = (meant[category], category.replace("_", " "))
    return found


def _elsewhere(mapping: Mapping) -> dict[Subject, dict[str, tuple[str, str]]]:
    """What profiles say of names, by subject."""
    found: dict[Subject, dict[str, tuple[str, str]]] = {subject: {} for subject in PLACES}
    for name, profile in mapping.profiles.items():
        for subject, place in PLACES.items():
            for value, rule in getattr(profile.rules, place).items():
                found[subject].setdefault(fold(value), (write(rule), f"the profile “{name}”"))
    return found
