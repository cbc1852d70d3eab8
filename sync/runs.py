"""The rows that tell of runs: opened before the first request, closed whatever happens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select, update

from portfolio.model.oversight import SyncRun, SyncRunStream
from portfolio.store.engine import writing
from portfolio.store.upsert import upsert
from sync.lease import Lease
from sync.progress import StreamCounts
from sync.tables import table_of

RUNNING, DONE, PARTIAL, FAILED, INTERRUPTED = "running", "done", "partial", "failed", "interrupted"
# What was in reach has been read, mapped and rolled up.
ENDED_WELL = (DONE, PARTIAL)
LEFT = "The process ended before the run did. Start the sync again: what was committed is kept."


def open_run(engine: Engine, connection_id: int, name: str, now: datetime) -> tuple[Lease, bool]:
    """Open a run. Returns its lease, and whether the connection's run before it ended well.

    Raises `BusyError`, with nothing written, while another run holds the connection. One that a dead process left open
    is marked as interrupted.
    """
    own = SyncRun.connection_id == connection_id
    with writing(engine) as store:
        row = {"connection_id": connection_id, "mode": "full", "state": RUNNING, "started_at": now}
        run_id = store.execute(insert(SyncRun).values(**row).returning(SyncRun.id)).scalar_one()
        lease = Lease(connection_id, name, run_id)
        lease.acquire(store, now)
        earlier = (own, SyncRun.id != run_id)
        left = update(SyncRun).where(*earlier, SyncRun.state == RUNNING)
        store.execute(left.values(state=INTERRUPTED, finished_at=now, error=LEFT))
        before = store.scalar(select(SyncRun.state).where(*earlier).order_by(SyncRun.id.desc()).limit(1))
    return lease, before in ENDED_WELL


def close_run(
    store: Connection, run_id: int, state: str, error: str | None, streams: Mapping[str, StreamCounts], now: datetime
) -> None:
    """Close a run with its figures."""
    rows = [
        {
            "run_id": run_id,
            "stream": stream,
            "fetched": counts.fetched,
            "unchanged": counts.unchanged,
            "created": counts.created,
            "updated": counts.updated,
            "quarantined": counts.quarantined,
            "note": counts.note,
        }
        for stream, counts in streams.items()
    ]
    upsert(store, table_of(SyncRunStream), rows, ["run_id", "stream"])
    store.execute(update(SyncRun).where(SyncRun.id == run_id).values(state=state, finished_at=now, error=error))
