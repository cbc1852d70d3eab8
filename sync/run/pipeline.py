"""One run of one connection: the pipeline. It only orders calls; what they do is told where they are.

Streams in landing order; the parts of each are fetched by some threads and written by the calling one. Each batch of
whole pages is one transaction. A slice that cannot be had is noted and the run goes on; what makes the run pointless
ends it as failed; a crash ends it as interrupted. What was committed stays either way, and any page may be replayed.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from connector.errors import ConnectorError
from connector.protocol import Connector, Reading, Stream
from portfolio.audit.entry import Actor
from portfolio.store.errors import StoreError
from sync import log
from sync.connections import ConnectionRow, get_connection
from sync.errors import StoppedError, SyncError
from sync.holds import MOST_RETIRED
from sync.log import Logged
from sync.modes import Mode
from sync.progress import Progress, Silent
from sync.run.access import Access, Direct, rehearsal
from sync.run.census import keep_counts, observe_missing, take_census
from sync.run.named import read_named
from sync.run.runs import CANCELLED, FAILED, INTERRUPTED, RunSummary, Wanted, close_run, counts_of, open_run
from sync.run.settling import deal_with_absences, finish
from sync.run.streams import Streams, forget_gone
from sync.run.work import Terms, Work

Clock = Callable[[], datetime]


def _never() -> str | None:
    return None


def sync_connection(
    engine: Engine,
    connection_id: int,
    connector: Connector,
    *,
    clock: Clock,
    mode: Mode = Mode.INCREMENTAL,
    cause: str = "hand",
    by: Actor | None = None,
    time_zone: str = "UTC",
    threads: int = 4,
    progress: Progress | None = None,
    readers: Reading | None = None,
    ids: Sequence[str] = (),
    most_retired: float = MOST_RETIRED,
    stop: Callable[[], str | None] = _never,
    call_helpers: Callable[[int, int], None] | None = None,
    dry_run: bool = False,
) -> RunSummary:
    """Bring what the connection can see into the portfolio, as far as the mode goes. The caller closes the connector.

    `cause`: hand, schedule or webhook. `by` is who starts it here and now, if anybody. `ids` are the items a NAMED run
    is for. `most_retired` is the share of a stream that may go at once without a person's word. `stop` is asked between
    batches and gives the reason to stop, or None.
    `call_helpers` is told the run's id and how many slices are to be read whole, where other processes can share them
    (`sync.run.shared.help_run`). With `dry_run` all is done, counted and undone again. `readers` stands in for the
    registry's readers of the connection's tracker.

    Raises what is not the tracker's doing: `StoreError` when the database fails, `LostLeaseError`, KeyboardInterrupt,
    defects; the run is then marked as interrupted. Raises `BusyError` when another run of the connection is under way.
    """
    row = get_connection(engine, connection_id)
    terms = Terms(clock, time_zone, threads, Logged(progress or Silent()), readers, most_retired, stop, call_helpers)
    wanted = Wanted(mode, cause, by)
    # A run makes millions of short-lived objects; the collector need not look through all older ones each time.
    gc.freeze()
    try:
        if dry_run:
            with rehearsal(engine) as access:
                return _run(access, row, connector, wanted, terms, ids)
        return _run(Direct(engine), row, connector, wanted, terms, ids)
    finally:
        gc.unfreeze()


def _run(
    access: Access,
    row: ConnectionRow,
    connector: Connector,
    wanted: Wanted,
    terms: Terms,
    ids: Sequence[str],
) -> RunSummary:
    started = terms.clock()
    lease, went_well = open_run(access, row.id, row.name, wanted, started)
    run_id, held = lease.run_id, 0
    error: str | None = None
    failure: ConnectorError | None = None
    try:
        with log.told_of(row.name, run_id, wanted), access.beating(lease, terms.clock):
            work = Work(access, row, connector, lease, run_id, wanted.mode, terms)
            held = _bring_up_to_date(work, ids)
            ended = finish(work, everything=not went_well)
            state = work.state
    except (ConnectorError, StoppedError) as problem:
        state = CANCELLED if isinstance(problem, StoppedError) else FAILED
        failure = problem if isinstance(problem, ConnectorError) else None
        error, ended = _line(problem), terms.clock()
        with access.writing() as store:
            close_run(store, run_id, state, error, ended)
    except BaseException as problem:
        log.broken_off(row.name, run_id, problem)
        # The database may be what failed: then the next run marks this one.
        with suppress(SQLAlchemyError, StoreError), access.writing() as store:
            close_run(store, run_id, INTERRUPTED, _line(problem), terms.clock())
        raise
    finally:
        with suppress(SQLAlchemyError, StoreError), access.writing() as store:
            lease.release(store)
    with access.reading() as store:
        streams = counts_of(store, run_id)
    summary = RunSummary(
        run_id=run_id,
        mode=wanted.mode,
        state=state,
        streams=streams,
        error=error,
        seconds=(ended - started).total_seconds(),
        held=held,
        failure=failure,
    )
    log.ended(row.name, summary)
    return summary


def _bring_up_to_date(work: Work, ids: Sequence[str]) -> int:
    """Read what the mode asks for and deal with what is missing. Returns how many records are held back."""
    if work.mode is Mode.NAMED:
        read_named(work, ids)
        return deal_with_absences(work)
    streams = Streams(work)
    streams.read_all()
    if work.mode is Mode.INCREMENTAL:
        return deal_with_absences(work)
    if work.mode is Mode.FULL and not streams.shared:
        observe_missing(work, streams.items, streams.unread)
        return deal_with_absences(work)
    # Also after a full run that was shared: what others have read, this process has not met.
    census = take_census(work)
    observe_missing(work, census.met, census.unread)
    if not census.unread:
        forget_gone(work, Stream.ITEMS, census.met)
    held = deal_with_absences(work)
    work.write(lambda store: keep_counts(store, work.row.id, census.counts, work.terms.clock()))
    return held


def _line(problem: BaseException) -> str:
    if isinstance(problem, KeyboardInterrupt):
        return "Stopped by hand. Start the sync again: what was committed is kept."
    known = isinstance(problem, ConnectorError | StoreError | SyncError)
    return " ".join(str(problem).split()) if known else f"unexpected {type(problem).__name__}"
