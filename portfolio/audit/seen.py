"""Who looked at what concerns a person: their right to know."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, String, and_, func, or_, select
from sqlalchemy.sql.functions import Function

from portfolio.audit.lists import LIST, VIEWED, read
from portfolio.model.access import AuditEntry
from portfolio.model.work import WorkItem


@dataclass(frozen=True)
class Look:
    """Somebody looked: when, which account (None: at the command line), at what of whom, as the log has it. Of a list
    `told` is which one, and not who else stood in it."""

    id: int
    at: datetime
    user_id: int | None
    action: str
    subject_type: str | None
    subject_id: int | None
    told: str | None


def looks_at(
    connection: Connection, persons: Collection[int], *, limit: int | None = None, before: int | None = None
) -> Sequence[Look]:
    """The looks at a person, and at lists they stood in, the newest first: at most so many, of those with an id under
    `before`. `persons` are their id, and those of whoever turned out to be one with them.

    An older entry does not tell whom a list showed: such a one counts for projects where items are theirs.
    """
    it = AuditEntry
    theirs = select(WorkItem.project_id).where(WorkItem.assignee_id.in_(persons), WorkItem.project_id.is_not(None))
    about = or_(
        and_(it.subject_type == "person", it.subject_id.in_(persons)),
        and_(it.subject_type == "project", it.subject_id.in_(theirs), it.action == VIEWED, it.new == "{}"),
        and_(it.subject_type.in_((LIST.type, "project", "program")), it.action == VIEWED, _names(persons)),
    )
    query = select(it.id, it.at, it.user_id, it.action, it.subject_type, it.subject_id, it.new).where(about)
    if before is not None:
        query = query.where(it.id < before)
    rows = connection.execute(query.order_by(it.id.desc()).limit(limit))
    return [Look(*row[:-1], _told(row.action, row.new)) for row in rows]


def _names(persons: Collection[int]) -> Any:
    """Whether the list of an entry has one of them. As text, which both databases read alike."""
    numbers: Function[str] = func.replace(func.replace(AuditEntry.new, "[", ","), "]", ",", type_=String)
    return or_(*(numbers.contains(f",{ident},") for ident in persons))


def _told(action: str, new: str | None) -> str | None:
    return msgspec.json.encode({"what": read(new).what}).decode() if action == VIEWED else new
