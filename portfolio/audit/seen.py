"""Who looked at what concerns a person: their right to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from portfolio.model.access import AuditEntry
from portfolio.model.work import WorkItem


@dataclass(frozen=True)
class Look:
    """Somebody looked: when, which account (None: at the command line), at what of whom, as the log has it."""

    at: datetime
    user_id: int | None
    action: str
    subject_type: str | None
    subject_id: int | None
    told: str | None


def looks_at(connection: Connection, person_id: int) -> Sequence[Look]:
    """The looks at the person, and at the people of projects where items are theirs, the newest first."""
    theirs = select(WorkItem.project_id).where(WorkItem.assignee_id == person_id, WorkItem.project_id.is_not(None))
    entry = AuditEntry
    about = or_(
        and_(entry.subject_type == "person", entry.subject_id == person_id),
        and_(entry.subject_type == "project", entry.subject_id.in_(theirs), entry.action == "people.viewed"),
    )
    query = select(entry.at, entry.user_id, entry.action, entry.subject_type, entry.subject_id, entry.new)
    return [Look(*row) for row in connection.execute(query.where(about).order_by(entry.id.desc()))]
