"""How fast each connection may ask its tracker at present, and what the tracker said of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from portfolio.model.landing import RateBudget

_BUDGET = RateBudget.__table__


@dataclass(frozen=True)
class Budget:
    """`width` requests at once, 0 where nothing limits them; `per_minute` None where they need not be spaced out.

    `throttled_at` is when the tracker last asked for fewer; `limit`, `remaining` and `resets_at` are its own words.
    """

    free_at: datetime | None
    per_minute: int | None
    width: int
    throttled_at: datetime | None
    limit: int | None
    remaining: int | None
    resets_at: datetime | None


def _instant(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def budgets(connection: Connection) -> dict[int, Budget]:
    """The budget of every connection that has asked anything."""
    return {
        row.connection_id: Budget(
            _instant(row.free_at),
            max(1, round(60 / row.gap_s)) if row.gap_s else None,
            row.width,
            _instant(row.throttled_at),
            row.limit_told,
            row.remaining_told,
            _instant(row.reset_at),
        )
        for row in connection.execute(select(_BUDGET))
    }
