"""Noting in the audit log what is only looked at: exports, and views of what concerns single persons.

What is changed is noted where it is changed, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from portfolio.audit.append import append
from portfolio.audit.entry import Subject
from portfolio.audit.lists import LIST, looked
from portfolio.store.engine import writing
from webapp import here, signin


def export(what: str, form: str, rows: int, subject: Subject | None = None) -> None:
    """Somebody takes rows away as a file of that form. Noted before the file is sent."""
    _note("export", subject, {"what": what, "form": form, "rows": rows})


def person_view(person_id: int, what: str, project_id: int | None = None) -> None:
    """Somebody looks at what concerns one person."""
    _note("person.viewed", Subject("person", person_id), {"what": what, "project": project_id})


def people(what: str, persons: Iterable[int | None], subject: Subject = LIST) -> None:
    """Somebody looks at a list that shows persons by name (`portfolio.audit.lists`). `what` is in it of them, and None
    stands for nobody."""
    looked(here.engine(), persons, what, here.now(), signin.actor(), subject)


def _note(action: str, subject: Subject | None, new: Mapping[str, Any]) -> None:
    with writing(here.engine()) as connection:
        append(connection, here.now(), signin.actor(), action, subject, new=new)
