"""Noting, at the end of a run, what only all items together tell: links, labels, statuses understood in part.

What no rule covers at all is noted while items are mapped (`sync.write.unmapped`). Both stand in `unmapped_value`, with
when they were first seen.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from portfolio.model.landing import UnmappedValue
from portfolio.model.work import Dependency, WorkItem
from portfolio.store.upsert import upsert
from sync.inbox.meaning import Subject
from sync.mapping.carried import CODE, TEMPLATE
from sync.mapping.profile import fold
from sync.mapping.rules import Rules
from sync.tables import table_of
from sync.write.unmapped import LONGEST, sweep

# Link types that trackers ship with and that say nothing of who comes first.
RELATES = frozenset(
    map(fold, ("Relates", "Relates to", "Related", "Duplicate", "Cloners", "Cloned", "Causes", "Problem/Incident"))
)
_TEMPLATE = re.compile(r"(?:tmpl|tpl|template)\s*[:/_-]\s*(?P<code>.+)", re.IGNORECASE)
NOTED = (Subject.FLOW, Subject.LINK, Subject.LABEL)


def template_code(label: str) -> str | None:
    """The code of the template a label seems to name ("tmpl:RISK-REGISTER"), None for other labels."""
    found = _TEMPLATE.fullmatch(label.strip())
    code = re.sub(r"[^A-Z0-9]", "", found["code"].upper()) if found else ""
    return code[:12] or None


def is_understood(label: str) -> bool:
    """Whether a label names a template without any rule."""
    folded = fold(label)
    return folded.startswith(TEMPLATE) and CODE.fullmatch(folded.removeprefix(TEMPLATE).upper()) is not None


def note_seen(store: Connection, connection_id: int, rules: Rules, now: datetime) -> None:
    """Note what is there at present; what is there no more waits for nobody."""
    met = {
        Subject.FLOW: _flows(store, connection_id, rules),
        Subject.LINK: _links(store, connection_id),
        Subject.LABEL: _labels(store, connection_id),
    }
    own = (UnmappedValue.connection_id == connection_id, UnmappedValue.subject.in_([str(each) for each in NOTED]))
    store.execute(update(UnmappedValue).where(*own).values(items=0))
    rows = [
        {
            "connection_id": connection_id,
            "subject": str(subject),
            "value": value[:LONGEST],
            "items": items,
            "first_seen_at": now,
            "last_seen_at": now,
        }
        for subject, values in met.items()
        for value, items in values.items()
    ]
    unique = {(row["subject"], row["value"]): row for row in rows}
    keys = ["connection_id", "subject", "value"]
    upsert(store, table_of(UnmappedValue), list(unique.values()), keys, ["items", "last_seen_at"])
    sweep(store, connection_id)


def _flows(store: Connection, connection_id: int, rules: Rules) -> dict[str, int]:
    """Statuses in progress that only the tracker's category tells of: their names could say that they wait."""
    query = (
        select(WorkItem.status, func.count())
        .where(WorkItem.connection_id == connection_id, WorkItem.deleted_at.is_(None))
        .where(WorkItem.category == "in_progress", WorkItem.status != "")
        .group_by(WorkItem.status)
    )
    found = {row[0]: row[1] for row in store.execute(query)}
    known = {status for status in found if rules.flow(None, status).unmapped is None}
    unmapped = set(store.scalars(select(UnmappedValue.value).where(*_waiting(connection_id, Subject.STATUS))))
    return {status: items for status, items in found.items() if status not in known and status not in unmapped}


def _links(store: Connection, connection_id: int) -> dict[str, int]:
    """Link types that only relate, so far as is known."""
    query = (
        select(Dependency.tracker_type, func.count())
        .where(Dependency.connection_id == connection_id, Dependency.type == "relates", Dependency.tracker_type != "")
        .group_by(Dependency.tracker_type)
    )
    return {name: items for name, items in store.execute(query) if fold(name) not in RELATES}


def _labels(store: Connection, connection_id: int) -> dict[str, int]:
    """Labels that look like the names of templates."""
    folded = func.lower(WorkItem.labels)
    query = (
        select(WorkItem.labels, func.count())
        .where(WorkItem.connection_id == connection_id, WorkItem.deleted_at.is_(None))
        .where(folded.contains("tmpl") | folded.contains("tpl") | folded.contains("template"))
        .group_by(WorkItem.labels)
    )
    found: Counter[str] = Counter()
    for labels, items in store.execute(query):
        for label in labels.split(","):
            if template_code(label) is not None and not is_understood(label):
                found[label.strip()] += items
    return dict(found)


def _waiting(connection_id: int, subject: Subject) -> tuple[ColumnElement[bool], ...]:
    return (
        UnmappedValue.connection_id == connection_id,
        UnmappedValue.subject == str(subject),
        UnmappedValue.items > 0,
    )
