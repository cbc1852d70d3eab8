"""Removing the oldest entries of the audit log: the one way in which anything leaves it."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile

from sqlalchemy import Connection, delete, insert, select

from portfolio.audit.append import append
from portfolio.audit.entry import Actor
from portfolio.model.access import AuditAnchor, AuditEntry
from portfolio.store.locks import Lock, exclusive


def trim(connection: Connection, before: datetime, now: datetime, by: Actor, most: int) -> int:
    """Remove up to `most` of the oldest entries, as far as they are from before an instant, and return how many.

    In the caller's transaction. The anchor keeps the hash of the last one gone, so that the rest still fits; that, too,
    is an entry of the log.
    """
    exclusive(connection, Lock.AUDIT)
    oldest = select(AuditEntry.id, AuditEntry.at, AuditEntry.hash).order_by(AuditEntry.id).limit(most)
    gone = list(takewhile(lambda row: row.at < before, connection.execute(oldest)))
    if not gone:
        return 0
    last_id, _, last_hash = gone[-1]
    # The triggers let go of what is not above the newest anchor.
    connection.execute(insert(AuditAnchor).values(entry_id=last_id, hash=last_hash, removed_at=now))
    connection.execute(delete(AuditEntry).where(AuditEntry.id <= last_id))
    connection.execute(delete(AuditAnchor).where(AuditAnchor.entry_id < last_id))
    told = {"audit_entries": len(gone), "through": last_id, "hash": last_hash}
    append(connection, now, by, "retention.removed", new=told)
    return len(gone)
