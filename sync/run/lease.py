"""The lease on a connection: a row that says which run may write, and until when. One run at a time holds it.

A run renews it in every transaction it writes, and a thread renews it while the tracker is slow. Renewing is also the
fence: a run whose lease went to another writes nothing more, because what it was about to write is rolled back. Whoever
died without letting go keeps the others waiting for `TERM` at most, and those on the same machine not at all.
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import NamedTuple, Protocol

from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from portfolio.model.landing import Lease as Row
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import writing
from portfolio.store.errors import StoreError
from portfolio.store.upsert import upsert
from sync.errors import BusyError, LostLeaseError
from sync.tables import table_of

TERM = timedelta(seconds=60)
# Often enough that some renewals may fail before the term is over.
BEAT_S = 10.0


def this_process() -> str:
    """This process, for people to find it by."""
    return f"{_machine()}, process {os.getpid()}"


def is_dead(owner: str) -> bool:
    """Whether an owner is a process of this machine that is no more. False for what cannot be known from here.

    A number may have gone to another process since: then the owner is waited for like one of another machine.
    """
    machine, _, number = owner.rpartition(", process ")
    if machine != _machine() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _machine() -> str:
    return platform.node() or "this machine"


class Lease(NamedTuple):
    """One run's hold on its connection."""

    connection_id: int
    name: str
    run_id: int

    def acquire(self, store: Connection, now: datetime) -> None:
        """Take the lease if it is free or over its term; raises `BusyError` when another run holds it."""
        row = {
            "connection_id": self.connection_id,
            "owner": this_process(),
            "run_id": self.run_id,
            "expires_at": now + TERM,
        }
        own = Row.connection_id == self.connection_id
        free = (Row.run_id == self.run_id) | (Row.expires_at <= now)
        query = select(Row.owner, Row.run_id, SyncRun.started_at).outerjoin(SyncRun, SyncRun.id == Row.run_id)
        holder = None
        # Others write between these statements: a lease that was held may be let go of before its holder is read.
        while holder is None:
            upsert(store, table_of(Row), [row], ["connection_id"], update=[])
            if store.execute(update(Row).where(own, free).values(**row)).rowcount:
                return
            holder = store.execute(query.where(own)).one_or_none()
        owner, run_id, since = holder
        orphaned = update(Row).where(own, Row.run_id == run_id)
        if not is_dead(owner) or not store.execute(orphaned.values(**row)).rowcount:
            raise BusyError(self.name, owner, since)

    def renew(self, store: Connection, now: datetime) -> None:
        """Start the term anew, in the transaction that is to be written; raises `LostLeaseError` when it is not ours.

        Nobody can take it before that transaction ends.
        """
        own = (Row.connection_id == self.connection_id, Row.run_id == self.run_id)
        if not store.execute(update(Row).where(*own).values(expires_at=now + TERM)).rowcount:
            raise LostLeaseError(self.name)

    def release(self, store: Connection) -> None:
        """Let go of it, if it is still ours."""
        store.execute(delete(Row).where(Row.connection_id == self.connection_id, Row.run_id == self.run_id))


class Renewable(Protocol):
    """What is held for a term and can be renewed."""

    def renew(self, store: Connection, now: datetime) -> None:
        """Start the term anew; raises `LostLeaseError` when it is not ours any more."""
        ...


class Heartbeat:
    """Renews a lease every `every_s` seconds, in a thread of its own, inside the `with` block."""

    def __init__(self, engine: Engine, held: Renewable, clock: Callable[[], datetime], every_s: float = BEAT_S) -> None:
        self._engine = engine
        self._held = held
        self._clock = clock
        self._every_s = every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(self._every_s):
            try:
                # A database that is away for a moment is tried again; if it stays away, the run itself finds out.
                with suppress(SQLAlchemyError, StoreError), writing(self._engine) as store:
                    self._held.renew(store, self._clock())
            except LostLeaseError:
                # The run is told by its own next transaction.
                return
