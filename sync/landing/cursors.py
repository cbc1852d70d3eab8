"""How far each slice has been read. A cursor moves in the transaction of the page it speaks of, never before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from connector.protocol import Page
from portfolio.model.landing import Cursor
from portfolio.store.upsert import upsert
from sync.tables import table_of

# What changed in the tracker while the run began may carry a slightly earlier time: clocks differ, indexes lag.
OVERLAP = timedelta(minutes=10)

_KEY = ["connection_id", "stream", "slice"]


def advance(
    store: Connection, connection_id: int, run_id: int, pages: Sequence[Page], started: datetime, now: datetime
) -> None:
    """Move the cursors of these pages' slices. The last page of a slice completes it and sets its watermark.

    `started` is the start of the run: what changes after it is the next pass's business.
    """
    under_way: dict[str, dict[str, object]] = {}
    complete: dict[str, dict[str, object]] = {}
    for page in pages:
        row: dict[str, object] = {
            "connection_id": connection_id,
            "stream": page.stream.value,
            "slice": page.slice,
            "position": page.position,
            "run_id": run_id,
        }
        if page.position is None:
            under_way.pop(page.slice, None)
            complete[page.slice] = {**row, "watermark": started - OVERLAP, "completed_at": now}
        else:
            complete.pop(page.slice, None)
            under_way[page.slice] = row
    table = table_of(Cursor)
    upsert(store, table, list(under_way.values()), _KEY)
    upsert(store, table, list(complete.values()), _KEY)
