"""What was decided about who is who, as people read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, func, or_, select

from portfolio.model.mapping import PersonDecision
from portfolio.model.people import Person


class Decision(NamedTuple):
    """A decision. `person` is the name of who went, was split off or told apart, None where they are not there;
    `other` of who remained. `final`: somebody it speaks of was erased, so it cannot be undone."""

    id: int
    kind: str
    person_id: int
    person: str | None
    other_id: int
    other: str | None
    score: float | None
    reasons: tuple[str, ...]
    decided_by: str
    decided_at: datetime
    undone_by: str | None
    undone_at: datetime | None
    final: bool


def count_decisions(store: Connection) -> int:
    """How many there are."""
    return store.scalar(select(func.count()).select_from(PersonDecision)) or 0


def decisions(
    store: Connection, person_id: int | None = None, *, most: int = 50, offset: int = 0
) -> Sequence[Decision]:
    """The newest first, of one person or of all."""
    one, other, row = Person.__table__.alias(), Person.__table__.alias(), PersonDecision
    query = (
        select(row, one.c.name.label("one"), other.c.name.label("two"))
        .outerjoin(one, one.c.id == row.person_id)
        .outerjoin(other, other.c.id == row.other_id)
    )
    if person_id is not None:
        query = query.where(or_(row.person_id == person_id, row.other_id == person_id))
    return [
        Decision(
            id=it.id,
            kind=it.kind,
            person_id=it.person_id,
            person=it.one,
            other_id=it.other_id,
            other=it.two,
            score=it.score,
            reasons=msgspec.json.decode(it.reasons, type=tuple[str, ...]),
            decided_by=it.decided_by,
            decided_at=it.decided_at,
            undone_by=it.undone_by,
            undone_at=it.undone_at,
            final=not it.body,
        )
        for it in store.execute(query.order_by(row.id.desc()).limit(most).offset(offset))
    ]
