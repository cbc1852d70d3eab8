"""Reading a stream whose slices several workers share: the one who started the run, and those it called."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

import msgspec
from sqlalchemy import Connection, Engine, select

from connector.protocol import Connector, Reading, Stream
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import reading, writing
from sync.connections import get_connection
from sync.errors import LostLeaseError
from sync.holds import MOST_RETIRED
from sync.landing.parts import Part
from sync.log import naming
from sync.modes import Mode
from sync.progress import Silent
from sync.run import share
from sync.run.access import Direct
from sync.run.fetch import fetch
from sync.run.lease import Renewable
from sync.run.runs import PARTIAL, RUNNING
from sync.run.work import Terms, Work

# So few slices are read sooner than others come to help.
FEWEST = 4
PATIENCE_S = 0.5


class Outcome(msgspec.Struct, frozen=True):
    """What reading some slices came to: projects whose figures may have changed, and whether something was missing."""

    touched: tuple[int, ...] = ()
    partial: bool = False


class _Held:
    """What one worker holds of a shared run: its claims, and the run's own lease where the worker started it."""

    def __init__(self, run_id: int, lease: Renewable | None) -> None:
        self._run_id = run_id
        self._owner = share.new_owner()
        self._lease = lease
        self.claims: list[share.Claim] = []

    def renew(self, store: Connection, now: datetime) -> None:
        if self._lease is not None:
            self._lease.renew(store, now)
        for each in self.claims:
            each.renew(store, now)

    def keep_alive(self) -> Renewable:
        """The claims, to be renewed by a thread beside the one that writes."""
        return _Alive(self)

    def take(self, store: Connection, now: datetime, most: int) -> list[share.Claim]:
        """Claim up to so many slices that nobody reads."""
        found: list[share.Claim] = []
        while len(found) < most and (one := share.claim(store, self._run_id, self._owner, now)) is not None:
            found.append(one)
        return found

    def finish(self, store: Connection, outcome: Outcome) -> None:
        """They have been read."""
        told = msgspec.json.encode(outcome).decode()
        for each in self.claims:
            each.finish(store, told)

    def give_back(self, store: Connection) -> None:
        """Leave those that are not finished to others."""
        for each in self.claims:
            each.give_back(store)


class _Alive:
    """Claims as they are at each moment. One that was finished meanwhile, or lost, is the writing thread's business."""

    def __init__(self, held: _Held) -> None:
        self._held = held

    def renew(self, store: Connection, now: datetime) -> None:
        for each in list(self._held.claims):
            with suppress(LostLeaseError):
                each.renew(store, now)


def read_shared(work: Work, stream: Stream, slices: Sequence[str], call_helpers: Callable[[int, int], None]) -> None:
    """Offer the slices, call for help, read along, and wait for those that others have claimed."""
    work.write(lambda store: share.offer(store, work.run_id, stream.value, slices))
    call_helpers(work.run_id, len(slices))
    held, lease = _Held(work.run_id, work.held), work.held
    work.held = held
    try:
        with work.access.beating(held.keep_alive(), work.terms.clock):
            while True:
                _read_claimed(work, stream, held)
                with work.access.reading() as store:
                    left = share.unfinished(store, work.run_id)
                if not left:
                    break
                # Others are still at it. One that dies leaves its slices to us.
                threading.Event().wait(PATIENCE_S)
                work.heed()
    finally:
        work.held = lease
    with work.access.reading() as store:
        told = {each.outcome for each in share.finished(store, work.run_id) if each.outcome}
    ended = [msgspec.json.decode(each, type=Outcome) for each in told]
    work.desk.ledger.touch(*(project for outcome in ended for project in outcome.touched))
    work.desk.ledger.unsettled = True
    if any(outcome.partial for outcome in ended):
        work.state = PARTIAL


def help_run(
    engine: Engine,
    run_id: int,
    connector: Connector,
    *,
    clock: Callable[[], datetime],
    time_zone: str = "UTC",
    threads: int = 4,
    readers: Reading | None = None,
    stop: Callable[[], str | None] = lambda: None,
) -> int:
    """Read slices of another process's run until none is free. Returns how many. The caller closes the connector.

    Nothing happens when the run is over. What goes wrong is raised, and the slices at hand are left to others.
    """
    with reading(engine) as store:
        found = store.execute(
            select(SyncRun.connection_id, SyncRun.mode).where(SyncRun.id == run_id, SyncRun.state == RUNNING)
        ).first()
    if found is None:
        return 0
    row = get_connection(engine, found.connection_id)
    terms = Terms(clock, time_zone, threads, Silent(), readers, MOST_RETIRED, stop)
    held = _Held(run_id, None)
    access = Direct(engine)
    work = Work(access, row, connector, held, run_id, Mode(found.mode), terms)
    with naming(row.name, run_id), access.beating(held.keep_alive(), clock):
        try:
            return _read_claimed(work, Stream.ITEMS, held)
        finally:
            with writing(engine) as store:
                held.give_back(store)


def _read_claimed(work: Work, stream: Stream, held: _Held) -> int:
    """Claim some slices and read them, until none is free. Returns how many."""
    count = 0
    while taken := work.write(lambda store: held.take(store, work.terms.clock(), work.terms.threads)):
        held.claims = taken
        touched = set(work.desk.ledger.touched)
        incomplete = False
        parts = [Part((claim.slice,)) for claim in taken]
        for arrivals, skipped in fetch(work.connector, stream, parts, work.terms.threads):
            if arrivals:
                work.take(arrivals)
            for part in skipped:
                work.gap(stream, part.slices, part.error)
                incomplete = True
            work.heed()
        outcome = Outcome(tuple(sorted(work.desk.ledger.touched - touched)), incomplete)
        work.write(partial(held.finish, outcome=outcome))
        held.claims = []
        count += len(taken)
    return count
