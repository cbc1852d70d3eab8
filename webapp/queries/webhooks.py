"""Whether the trackers tell of changes at once: the state of the webhooks of each connection."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select

from portfolio.model.landing import Webhook

_HOOK = Webhook.__table__
BROKEN = ("failing", "gone")


@dataclass
class Notices:
    """How many webhooks of a connection are in which state, when the last notice came, and why one does not work."""

    states: dict[str, int] = field(default_factory=dict)
    last_at: datetime | None = None
    why: str | None = None

    @property
    def broken(self) -> int:
        return sum(self.states.get(state, 0) for state in BROKEN)


def notices(connection: Connection) -> dict[int, Notices]:
    """The webhooks of every connection that has any."""
    found: dict[int, Notices] = defaultdict(Notices)
    rows = connection.execute(
        select(
            _HOOK.c.connection_id,
            _HOOK.c.state,
            func.count().label("n"),
            func.max(_HOOK.c.last_delivery_at).label("last_at"),
            func.max(_HOOK.c.why).label("why"),
        )
        .group_by(_HOOK.c.connection_id, _HOOK.c.state)
        .order_by(_HOOK.c.connection_id, _HOOK.c.state)
    )
    for row in rows:
        own = found[row.connection_id]
        own.states[row.state] = row.n
        own.last_at = max(filter(None, (own.last_at, row.last_at)), default=None)
        own.why = own.why or (row.why if row.state in BROKEN else None)
    return dict(found)
