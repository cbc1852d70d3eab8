"""Who signed in to an account lately, or tried to: read from the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from portfolio.model.access import AuditEntry

SIGNED_IN, REFUSED = "sign_in", "sign_in.refused"
MOST = 8
_ENTRY = AuditEntry.__table__


@dataclass(frozen=True)
class SignIn:
    """One sign-in, or one that was refused. `network` is the address it came from, None when that is not known."""

    at: datetime
    refused: bool
    network: str | None


def latest_sign_ins(connection: Connection, user_id: int) -> tuple[SignIn, ...]:
    """The last few of the account, newest first."""
    rows = connection.execute(
        select(_ENTRY.c.at, _ENTRY.c.action, _ENTRY.c.network)
        .where(
            _ENTRY.c.subject_type == "user",
            _ENTRY.c.subject_id == user_id,
            _ENTRY.c.action.in_((SIGNED_IN, REFUSED)),
        )
        .order_by(_ENTRY.c.id.desc())
        .limit(MOST)
    )
    return tuple(SignIn(row.at, row.action == REFUSED, row.network) for row in rows)
