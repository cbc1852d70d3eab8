"""What people ask of the processes that sync: to begin a run, or to end one.

A page or a command only writes the wish down; whoever does the syncing takes it. A wish for a wider run is not one for
the narrower: each is taken on its own, and asking twice for the same is asking once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection as Store
from sqlalchemy import Engine, delete, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.landing import Connection, RunRequest
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import writing
from portfolio.store.upsert import upsert
from sync.tables import table_of

# The narrowest first; what a NAMED run is for, only a webhook knows.
MODES = ("incremental", "census", "full")
REMAP = "remap"


class Request(NamedTuple):
    """A run that was asked for and has not begun: of which connection, how wide, by whom and since when."""

    connection_id: int
    mode: str
    asked_by: str
    asked_at: datetime


def request(engine: Engine, connection_id: int, mode: str, name: str, now: datetime, by: Actor) -> None:
    """Ask for a run; `name` is what the pages call whoever asks. One that is asked for keeps who asked first."""
    with writing(engine) as store:
        _write(store, Request(connection_id, mode, name, now))
        append(store, now, by, "run.requested", Subject("connection", connection_id), new={"mode": mode})


def put_back(engine: Engine, wish: Request) -> None:
    """Have a request that was taken and not fulfilled wait again."""
    with writing(engine) as store:
        _write(store, wish)


def request_remap(store: Store, connection_ids: Collection[int], name: str, now: datetime) -> None:
    """Ask for what is landed of these connections to be mapped anew, in the transaction of what makes it necessary.

    That is what the audit log tells of. Such a request stands until a run that began after it has ended: a new one
    while it is being fulfilled takes its place.
    """
    rows = [Request(ident, REMAP, name, now)._asdict() for ident in sorted(connection_ids)]
    upsert(store, table_of(RunRequest), rows, ["connection_id", "mode"])


def remap_wanted(store: Store, connection_id: int) -> Request | None:
    """The request to map a connection's landed records anew, if there is one."""
    columns = (RunRequest.connection_id, RunRequest.mode, RunRequest.asked_by, RunRequest.asked_at)
    own = (RunRequest.connection_id == connection_id, RunRequest.mode == REMAP)
    row = store.execute(select(*columns).where(*own)).first()
    return Request(*row) if row is not None else None


def fulfil(store: Store, wish: Request) -> bool:
    """Let go of a request as it was read. False when it is gone, or was made anew since."""
    own = (RunRequest.connection_id == wish.connection_id, RunRequest.mode == wish.mode)
    return store.execute(delete(RunRequest).where(*own, RunRequest.asked_at == wish.asked_at)).rowcount > 0


def waiting(store: Store) -> tuple[Request, ...]:
    """The runs that were asked for, the longest waiting first. Those of switched-off connections wait for better days,
    but for mapping anew, which asks no tracker."""
    query = (
        select(RunRequest.connection_id, RunRequest.mode, RunRequest.asked_by, RunRequest.asked_at)
        .join(Connection, Connection.id == RunRequest.connection_id)
        .where(Connection.enabled | (RunRequest.mode == REMAP))
        .order_by(RunRequest.asked_at, RunRequest.connection_id, RunRequest.mode)
    )
    return tuple(Request(*row) for row in store.execute(query))


def take(engine: Engine, wish: Request) -> bool:
    """Take a request to fulfil it. False when somebody else has. One to map anew stays until it is fulfilled."""
    if wish.mode == REMAP:
        return True
    with writing(engine) as store:
        own = (RunRequest.connection_id == wish.connection_id, RunRequest.mode == wish.mode)
        return store.execute(delete(RunRequest).where(*own)).rowcount > 0


def ask_to_stop(engine: Engine, run_id: int, name: str, now: datetime, by: Actor) -> bool:
    """Ask a run to stop; it does between two batches, and what was committed is kept. False when it is not running."""
    with writing(engine) as store:
        running = (SyncRun.id == run_id, SyncRun.state == "running")
        asked = store.execute(update(SyncRun).where(*running).values(cancel_by=name)).rowcount > 0
        if asked:
            append(store, now, by, "run.stop_requested", Subject("run", run_id))
        return asked


def _write(store: Store, wish: Request) -> None:
    upsert(store, table_of(RunRequest), [wish._asdict()], ["connection_id", "mode"], update=[])
