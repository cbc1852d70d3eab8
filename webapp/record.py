"""Noting in the audit log what is only looked at: exports, and views of what concerns single persons.

What is changed is noted where it is changed, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from portfolio.audit.append import append
from portfolio.audit.entry import Subject
from portfolio.model.access import AuditEntry
from portfolio.store.engine import writing
from webapp import here, signin

PEOPLE_ONCE_IN = timedelta(hours=1)


def export(what: str, form: str, rows: int, subject: Subject | None = None) -> None:
    """Somebody takes rows away as a file of that form. Noted before the file is sent."""
    _note("export", subject, {"what": what, "form": form, "rows": rows})


def person_view(person_id: int, what: str, project_id: int | None = None) -> None:
    """Somebody looks at what concerns one person."""
    _note("person.viewed", Subject("person", person_id), {"what": what, "project": project_id})


def people_view_is_new(connection: Connection, of: int, kind: str = "project") -> bool:
    """Whether it is an hour or more since it was last noted that this user looked at the people of a project, or of a
    program: then it is to be noted (`people_view`).
    """
    now, by = here.now(), signin.actor()
    recent = select(AuditEntry.id).where(
        AuditEntry.subject_type == kind,
        AuditEntry.subject_id == of,
        AuditEntry.at > now - PEOPLE_ONCE_IN,
        AuditEntry.action == "people.viewed",
        AuditEntry.user_id == by.user_id,
    )
    return connection.execute(recent.limit(1)).first() is None


def people_view(of: int, kind: str = "project") -> None:
    """Somebody looks at what each person has to do in a project, or a program."""
    _note("people.viewed", Subject(kind, of), {})


def _note(action: str, subject: Subject | None, new: Mapping[str, Any]) -> None:
    with writing(here.engine()) as connection:
        append(connection, here.now(), signin.actor(), action, subject, new=new)
