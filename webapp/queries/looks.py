"""Who looked at what concerns the viewer, with the names of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from portfolio.access.viewer import Viewer
from portfolio.audit.seen import Look, looks_at
from portfolio.model.access import User
from portfolio.model.structure import Program, Project
from portfolio.scenario.naming import read_merged

_CALLED: Mapping[str, Any] = {"project": Project, "program": Program}


@dataclass(frozen=True)
class Told:
    """A look. `by` is the account (None: at the command line), `what` the word for what was looked at, `of` the project
    or program it was of."""

    look: Look
    by: str | None
    what: str | None
    of: str | None


def looks_at_viewer(connection: Connection, viewer: Viewer, limit: int, before: int | None) -> Sequence[Told]:
    """The newest looks at whom the viewer is to the trackers, at most so many, of those with an id under `before`."""
    if viewer.person_id is None:
        return ()
    gone = (ident for ident, left in read_merged(connection).items() if left == viewer.person_id)
    found = looks_at(connection, {viewer.person_id, *gone}, limit=limit, before=before)
    accounts = {it.user_id for it in found}
    by = {row.id: row.name for row in connection.execute(select(User.id, User.name).where(User.id.in_(accounts)))}
    of = {
        (kind, row.id): row.name
        for kind, table in _CALLED.items()
        if (ids := {it.subject_id for it in found if it.subject_type == kind})
        for row in connection.execute(select(table.id, table.name).where(table.id.in_(ids)))
    }
    return [
        Told(it, by.get(it.user_id or 0), _what(it.told), of.get((it.subject_type or "", it.subject_id or 0)))
        for it in found
    ]


def _what(told: str | None) -> str | None:
    what = msgspec.json.decode(told or "{}").get("what")
    return what if isinstance(what, str) else None
