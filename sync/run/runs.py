"""The rows that tell of runs: opened before the first request, kept up to date with every batch, closed at the end."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from connector.errors import ConnectorError
from connector.protocol import Stream
from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.oversight import SyncRun, SyncRunStream
from portfolio.store.upsert import upsert
from sync.modes import Mode
from sync.progress import StreamCounts
from sync.run.access import Access
from sync.run.lease import Lease
from sync.tables import table_of

RUNNING, DONE, PARTIAL, FAILED = "running", "done", "partial", "failed"
INTERRUPTED, CANCELLED = "interrupted", "cancelled"
# What was in reach has been read, mapped and rolled up.
ENDED_WELL = (DONE, PARTIAL)
LEFT = "The process ended before the run did. Start the sync again: what was committed is kept."
PART_END = " | "

_ROW = table_of(SyncRunStream)
_COUNTS = tuple(name for name in StreamCounts.__struct_fields__ if name != "note")


class Wanted(NamedTuple):
    """What a run was started for: its mode, and what started it (hand, schedule, webhook).

    `by` is who does just now, if anybody. Who asked on a page, for a process to take it up, was noted when they asked.
    """

    mode: Mode
    cause: str
    by: Actor | None = None


def open_run(access: Access, connection_id: int, name: str, wanted: Wanted, now: datetime) -> tuple[Lease, bool]:
    """Open a run. Returns its lease, and whether the connection's run before it ended well.

    Raises `BusyError`, with nothing written, while another run holds the connection. One that a dead process left open
    is marked as interrupted.
    """
    own = SyncRun.connection_id == connection_id
    with access.writing() as store:
        row = {
            "connection_id": connection_id,
            "mode": wanted.mode.value,
            "cause": wanted.cause,
            "state": RUNNING,
            "started_at": now,
        }
        run_id = store.execute(insert(SyncRun).values(**row).returning(SyncRun.id)).scalar_one()
        lease = Lease(connection_id, name, run_id)
        lease.acquire(store, now)
        if wanted.by is not None:
            append(store, now, wanted.by, "run.started", Subject("run", run_id), new={"mode": wanted.mode.value})
        earlier = (own, SyncRun.id != run_id)
        left = update(SyncRun).where(*earlier, SyncRun.state == RUNNING)
        store.execute(left.values(state=INTERRUPTED, finished_at=now, error=LEFT))
        before = store.scalar(select(SyncRun.state).where(*earlier).order_by(SyncRun.id.desc()).limit(1))
    return lease, before in ENDED_WELL


def add_counts(store: Connection, run_id: int, stream: Stream, more: StreamCounts) -> None:
    """Add the figures of a batch to those of the stream, and one more line to its note.

    Several processes may share a run, so the figures are added up in the database.
    """
    upsert(store, _ROW, [{"run_id": run_id, "stream": stream.value}], ["run_id", "stream"], update=[])
    changed: dict[str, Any] = {name: _ROW.c[name] + getattr(more, name) for name in _COUNTS if getattr(more, name)}
    own = (_ROW.c.run_id == run_id, _ROW.c.stream == stream.value)
    if more.note is not None:
        changed["note"] = func.coalesce(_ROW.c.note + PART_END, "") + more.note
    if changed:
        store.execute(update(_ROW).where(*own).values(**changed))


def counts_of(store: Connection, run_id: int) -> dict[str, StreamCounts]:
    """The figures of a run's streams, by the stream's name."""
    columns = [_ROW.c[name] for name in StreamCounts.__struct_fields__]
    rows = store.execute(select(_ROW.c.stream, *columns).where(_ROW.c.run_id == run_id))
    found = {row[0]: StreamCounts(*row[1:]) for row in rows}
    return {stream.value: found[stream.value] for stream in Stream if stream.value in found}


def asked_to_stop(store: Connection, run_id: int) -> str | None:
    """Who asked the run to stop, None while nobody did."""
    return store.scalar(select(SyncRun.cancel_by).where(SyncRun.id == run_id))


def close_run(store: Connection, run_id: int, state: str, error: str | None, now: datetime) -> None:
    """Close a run."""
    store.execute(update(SyncRun).where(SyncRun.id == run_id).values(state=state, finished_at=now, error=error))


class RunSummary(msgspec.Struct, kw_only=True):
    """What a run did. `streams` by stream name.

    `state`: done; partial (done, with gaps that the notes of the streams tell of); failed (with the one-line `error`,
    and the `failure` itself); cancelled. `held` is how many records are missing but kept until a person has decided.
    """

    run_id: int
    mode: Mode
    state: str
    streams: dict[str, StreamCounts]
    error: str | None
    seconds: float
    held: int = 0
    failure: ConnectorError | None = None
