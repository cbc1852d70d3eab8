"""GET /api/v1/audit: the audit log, oldest first, from an entry on: what a program that keeps a copy reads."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from flask import Blueprint, Response
from msgspec import Meta
from sqlalchemy import select

from portfolio.model.access import AuditEntry
from webapp import here
from webapp.api.asked import FURTHEST, MOST, USUAL, Shape, answer, query

part = Blueprint("audit", __name__)
_ENTRY = AuditEntry.__table__


class Wanted(Shape, frozen=True):
    """The entries after the one of that id."""

    after: Annotated[int, Meta(ge=0, le=FURTHEST)] = 0
    limit: Annotated[int, Meta(ge=1, le=MOST)] = USUAL


class Entry(msgspec.Struct, frozen=True):
    """One entry with the hash that chains it. `old` and `new` are what changed."""

    id: int
    at: datetime
    actor: str
    user_id: int | None
    token_id: int | None
    network: str | None
    action: str
    subject_type: str | None
    subject_id: int | None
    old: msgspec.Raw | None
    new: msgspec.Raw | None
    hash: str


class Audit(msgspec.Struct, frozen=True):
    """Some entries. The id of the last is what to ask for the next ones `after`; none are left when there is none."""

    entries: list[Entry]


def _raw(text: str | None) -> msgspec.Raw | None:
    return None if text is None else msgspec.Raw(text.encode())


@part.get("/audit")
def audit() -> Response:
    asked = query(Wanted)
    columns = [_ENTRY.c[name] for name in Entry.__struct_fields__]
    with here.reading() as connection:
        rows = connection.execute(
            select(*columns).where(_ENTRY.c.id > asked.after).order_by(_ENTRY.c.id).limit(asked.limit)
        )
        entries = [Entry(**{**row._mapping, "old": _raw(row.old), "new": _raw(row.new)}) for row in rows]
    return answer(Audit(entries))
