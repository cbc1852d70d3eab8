"""Checking the audit log: whether every entry is as it was written, none is missing, and nothing was put between."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from portfolio.audit.entry import BEGINNING, Entry, chain
from portfolio.model.access import AuditAnchor, AuditEntry

_ENTRY = AuditEntry.__table__
_FIELDS = tuple(_ENTRY.c[name] for name in Entry.__dataclass_fields__)
BATCH = 1_000


@dataclass(frozen=True)
class Verified:
    """What was found. `broken_at` is the first entry that does not fit, None when all do.

    `why`: changed (or put there); missing; stray, an entry from before the beginning of the log; other, when the head
    that was expected is not in the log: the newest entries were removed, or the whole was written anew.

    `head` is the hash of the last entry that fits. Whoever notes it elsewhere can tell later whether the log, up to
    that entry, was written anew as a whole: that a chain alone cannot show.
    """

    entries: int
    first_id: int | None
    last_id: int
    head: str
    broken_at: int | None = None
    why: str | None = None


def verify(connection: Connection, expected: str | None = None) -> Verified:
    """Read the whole log in order, a batch at a time, and recompute every hash.

    `expected` is a head that was noted earlier, which must be that of one of the entries. Those that retention removed
    do not count, but for the last of them.
    """
    anchor = connection.execute(
        select(AuditAnchor.entry_id, AuditAnchor.hash).order_by(AuditAnchor.entry_id.desc()).limit(1)
    ).one_or_none()
    last_id, head = (anchor[0], anchor[1]) if anchor else (0, BEGINNING)
    first_id = None
    count = 0
    met = expected in (None, head)
    stray = connection.scalar(select(_ENTRY.c.id).where(_ENTRY.c.id <= last_id).limit(1))
    if stray is not None:
        return Verified(0, None, last_id, head, stray, "stray")
    rows = connection.execution_options(yield_per=BATCH).execute(
        select(*_FIELDS, _ENTRY.c.hash).where(_ENTRY.c.id > last_id).order_by(_ENTRY.c.id)
    )
    for *fields, kept in rows:
        entry = Entry(*fields)
        if entry.id != last_id + 1:
            return Verified(count, first_id, last_id, head, last_id + 1, "missing")
        hashed = chain(entry, head)
        if hashed != kept:
            return Verified(count, first_id, last_id, head, entry.id, "changed")
        first_id = entry.id if first_id is None else first_id
        last_id, head, count = entry.id, hashed, count + 1
        met = met or hashed == expected
    return Verified(count, first_id, last_id, head, *(() if met else (last_id + 1, "other")))
