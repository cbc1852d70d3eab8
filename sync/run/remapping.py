"""The run that maps anew what is landed, because the mapping changed. It asks no tracker and needs no secret."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine, func, select

from connector.protocol import Reading, Stream
from portfolio.audit.entry import Actor
from portfolio.model.landing import RawRecord
from sync.connections import get_connection
from sync.holds import MOST_RETIRED
from sync.landing.raw import CHUNK
from sync.log import Logged
from sync.memory import frozen_memory
from sync.modes import Mode
from sync.progress import Progress, Silent, StreamCounts
from sync.run.access import Direct
from sync.run.course import run
from sync.run.learning import learn
from sync.run.lease import Lease
from sync.run.remap import Remapped, remap_landed
from sync.run.runs import RunSummary, Wanted
from sync.run.work import Running, Terms


def remap_connection(
    engine: Engine,
    connection_id: int,
    *,
    clock: Callable[[], datetime],
    cause: str = "hand",
    by: Actor | None = None,
    time_zone: str = "UTC",
    progress: Progress | None = None,
    readers: Reading | None = None,
    stop: Callable[[], str | None] = lambda: None,
) -> RunSummary:
    """Map all landed records of a connection with the mapping in force, settle them and roll everything up.

    It is a run like any other: it holds the connection's lease, is told of on the Runs page, can be asked to stop, and
    is taken up again by the next run when it is broken off. The parameters are those of
    `sync.run.pipeline.sync_connection`, and it raises the same.
    """
    row = get_connection(engine, connection_id)
    access = Direct(engine)
    terms = Terms(clock, time_zone, 1, Logged(progress or Silent()), readers, MOST_RETIRED, stop)

    def begin(lease: Lease) -> Running:
        return Running(access, row, lease, lease.run_id, Mode.REMAP, terms)

    with frozen_memory():
        return run(access, row, Wanted(Mode.REMAP, cause, by), terms, begin, _map_anew)


def _map_anew(work: Running) -> int:
    work.everything = True
    learn(work, places=False, anew=True)
    progress, stream = work.terms.progress, Stream.ITEMS
    chunks = -(-_landed(work) // CHUNK)
    work.write(lambda store: work.count(store, stream, StreamCounts(slices=chunks)))
    progress.started(stream, chunks)

    def after(done: Remapped) -> None:
        counts = StreamCounts(
            fetched=done.items + done.quarantined,
            unchanged=done.unchanged,
            updated=done.items - done.unchanged,
            quarantined=done.quarantined,
            slices_done=1,
        )
        work.write(lambda store: work.count(store, stream, counts))
        progress.page(stream, work.met[stream])
        work.heed()

    remap_landed(work.access, work.desk, work.writing, after)
    progress.finished(stream)
    return 0


def _landed(work: Running) -> int:
    live = (RawRecord.stream == Stream.ITEMS.value, RawRecord.retired_at.is_(None))
    with work.access.reading() as store:
        own = select(func.count()).where(RawRecord.connection_id == work.row.id, *live)
        return store.scalar(own) or 0
