"""GET /api/v1/audit: the audit log, oldest first, from an entry on: what a program that keeps a copy reads."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import msgspec
from flask import Blueprint, Response
from msgspec import Meta
from sqlalchemy import select

from portfolio.audit.entry import Entry as Kept
from portfolio.audit.masked import masked, sees_plans
from portfolio.model.access import AuditEntry
from webapp import here, signin
from webapp.api.asked import FURTHEST, MOST, USUAL, Shape, answer, query

part = Blueprint("audit", __name__)
_ENTRY = AuditEntry.__table__
_FIELDS = tuple(_ENTRY.c[name] for name in Kept.__dataclass_fields__)


class Wanted(Shape, frozen=True):
    """The entries after the one of that id."""

    after: Annotated[int, Meta(ge=0, le=FURTHEST)] = 0
    limit: Annotated[int, Meta(ge=1, le=MOST)] = USUAL


class Entry(msgspec.Struct, frozen=True):
    """One entry with the hash that chains it. `old` and `new` are what changed. `masked`: days, hours and levels were
    left out of these, since the token may not see load by name; the hash is that of the whole entry."""

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
    masked: bool
    hash: str


class Audit(msgspec.Struct, frozen=True):
    """Some entries. The id of the last is what to ask for the next ones `after`; none are left when there is none."""

    entries: list[Entry]


def _raw(text: str | None) -> msgspec.Raw | None:
    return None if text is None else msgspec.Raw(text.encode())


@part.get("/audit")
def audit() -> Response:
    asked = query(Wanted)
    whole = sees_plans(signin.viewer())
    with here.reading() as connection:
        rows = connection.execute(
            select(*_FIELDS, _ENTRY.c.hash).where(_ENTRY.c.id > asked.after).order_by(_ENTRY.c.id).limit(asked.limit)
        )
        entries = [_told(Kept(*fields), kept, whole=whole) for *fields, kept in rows]
    return answer(Audit(entries))


def _told(it: Kept, kept: str, *, whole: bool) -> Entry:
    shown = it if whole else masked(it)
    parts = asdict(shown) | {"old": _raw(shown.old), "new": _raw(shown.new)}
    return Entry(**parts, masked=shown != it, hash=kept)
