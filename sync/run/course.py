"""The course of every run, whatever it does: opened, done under its lease, settled, closed; and what ends it early."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from connector.errors import ConnectorError
from portfolio.store.errors import StoreError
from sync import log
from sync.connections import ConnectionRow
from sync.errors import StoppedError, SyncError
from sync.run.access import Access
from sync.run.lease import Lease
from sync.run.runs import CANCELLED, FAILED, INTERRUPTED, RunSummary, Wanted, close_run, counts_of, open_run
from sync.run.settling import finish
from sync.run.work import Running, Terms

Way = TypeVar("Way", bound=Running)


def run(
    access: Access,
    row: ConnectionRow,
    wanted: Wanted,
    terms: Terms,
    begin: Callable[[Lease], Way],
    do: Callable[[Way], int],
) -> RunSummary:
    """Open a run, have it done, settle and close it. `do` returns how many records are held back.

    Raises what is not the tracker's doing; the run is then marked as interrupted. Raises `BusyError` when another run
    of the connection is under way.
    """
    started = terms.clock()
    lease, went_well = open_run(access, row.id, row.name, wanted, started)
    run_id, held = lease.run_id, 0
    error: str | None = None
    failure: ConnectorError | None = None
    try:
        with log.told_of(row.name, run_id, wanted), access.beating(lease, terms.clock):
            work = begin(lease)
            work.everything = not went_well
            held = do(work)
            ended = finish(work)
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


def _line(problem: BaseException) -> str:
    if isinstance(problem, KeyboardInterrupt):
        return "Stopped by hand. Start the sync again: what was committed is kept."
    known = isinstance(problem, ConnectorError | StoreError | SyncError)
    return " ".join(str(problem).split()) if known else f"unexpected {type(problem).__name__}"
