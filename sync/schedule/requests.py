"""What people ask of the processes that sync: to begin a run, or to end one.

A page or a command only writes the wish down; whoever does the syncing takes it. A wish for a wider run is not one for
the narrower: each is taken on its own, and asking twice for the same is asking once.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection as Store
from sqlalchemy import Engine, delete, select, update

from portfolio.model.landing import Connection, RunRequest
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import writing
from portfolio.store.upsert import upsert
from sync.tables import table_of

# The narrowest first; what a NAMED run is for, only a webhook knows.
MODES = ("incremental", "census", "full")


class Request(NamedTuple):
    """A run that was asked for and has not begun: of which connection, how wide, by whom and since when."""

    connection_id: int
    mode: str
    asked_by: str
    asked_at: datetime


def request(engine: Engine, connection_id: int, mode: str, by: str, now: datetime) -> None:
    """Ask for a run. One that is asked for already keeps who asked first and when."""
    row = {"connection_id": connection_id, "mode": mode, "asked_by": by, "asked_at": now}
    with writing(engine) as store:
        upsert(store, table_of(RunRequest), [row], ["connection_id", "mode"], update=[])


def waiting(store: Store) -> tuple[Request, ...]:
    """The runs of enabled connections that were asked for, the longest waiting first."""
    query = (
        select(RunRequest.connection_id, RunRequest.mode, RunRequest.asked_by, RunRequest.asked_at)
        .join(Connection, Connection.id == RunRequest.connection_id)
        .where(Connection.enabled)
        .order_by(RunRequest.asked_at, RunRequest.connection_id, RunRequest.mode)
    )
    return tuple(Request(*row) for row in store.execute(query))


def take(engine: Engine, wish: Request) -> bool:
    """Take a request to fulfil it. False when somebody else has."""
    with writing(engine) as store:
        own = (RunRequest.connection_id == wish.connection_id, RunRequest.mode == wish.mode)
        return store.execute(delete(RunRequest).where(*own)).rowcount > 0


def ask_to_stop(engine: Engine, run_id: int, by: str) -> bool:
    """Ask a run to stop; it does between two batches, and what was committed is kept. False when it is not running."""
    with writing(engine) as store:
        running = (SyncRun.id == run_id, SyncRun.state == "running")
        return store.execute(update(SyncRun).where(*running).values(cancel_by=by)).rowcount > 0
