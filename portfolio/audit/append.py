"""Writing to the audit log: in the transaction of what is done, so that neither stands without the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from portfolio.audit.entry import BEGINNING, Actor, Entry, Subject, chain
from portfolio.model.access import AuditAnchor, AuditEntry
from portfolio.store.locks import Lock, exclusive

Values = Mapping[str, Any]


def append(
    connection: Connection,
    now: datetime,
    actor: Actor,
    action: str,
    subject: Subject | None = None,
    *,
    old: Values | None = None,
    new: Values | None = None,
) -> int:
    """Add an entry and return its id. `action` is a word such as "user.added"; `old` and `new` go into JSON.

    No secret may stand in `old` or `new`, and no name of a person or an account: their ids do. Other writers of the
    log wait until the transaction ends.
    """
    exclusive(connection, Lock.AUDIT)
    last_id, before = head(connection)
    entry = Entry(
        id=last_id + 1,
        at=now,
        actor=actor.kind.value,
        user_id=actor.user_id,
        token_id=actor.token_id,
        network=actor.network,
        action=action,
        subject_type=subject.type if subject else None,
        subject_id=subject.id if subject else None,
        old=_text(old),
        new=_text(new),
    )
    connection.execute(insert(AuditEntry).values(**asdict(entry), hash=chain(entry, before)))
    return entry.id


def head(connection: Connection) -> tuple[int, str]:
    """The id and the hash of the newest entry, of the newest removed one where none is left, or of the beginning."""
    for table_id, found_hash in (
        (AuditEntry.id, AuditEntry.hash),
        (AuditAnchor.entry_id, AuditAnchor.hash),
    ):
        row = connection.execute(select(table_id, found_hash).order_by(table_id.desc()).limit(1)).one_or_none()
        if row is not None:
            return row[0], row[1]
    return 0, BEGINNING


def _text(values: Values | None) -> str | None:
    return None if values is None else msgspec.json.encode(values, order="deterministic").decode()
