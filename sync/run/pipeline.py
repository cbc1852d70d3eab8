"""One run of one connection: the pipeline. It only orders calls; what they do is told where they are.

Streams in landing order; the parts of each are fetched by some threads and written by the calling one. Each batch of
whole pages is one transaction. A slice that cannot be had is noted and the run goes on; what makes the run pointless
ends it as failed; a crash ends it as interrupted. What was committed stays either way, and any page may be replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from connector.protocol import Connector, Reading, Stream
from portfolio.audit.entry import Actor
from portfolio.store.errors import StoreError
from sync.connections import get_connection
from sync.holds import MOST_RETIRED
from sync.inbox.samples import keep_sampled
from sync.log import Logged
from sync.memory import frozen_memory
from sync.modes import Mode
from sync.progress import Progress, Silent
from sync.run.access import Access, Direct, rehearsal
from sync.run.census import keep_counts, observe_missing, take_census
from sync.run.course import run
from sync.run.lease import Lease
from sync.run.named import read_named
from sync.run.runs import DONE, PARTIAL, RunSummary, Wanted
from sync.run.settling import deal_with_absences
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

    def carry_out(access: Access) -> RunSummary:
        def begin(lease: Lease) -> Work:
            return Work(access, row, connector, lease, lease.run_id, mode, terms)

        return run(access, row, wanted, terms, begin, lambda work: _bring_up_to_date(work, ids))

    with frozen_memory():
        if dry_run:
            with rehearsal(engine) as access:
                return carry_out(access)
        summary = carry_out(Direct(engine))
    if summary.state in (DONE, PARTIAL) and mode is not Mode.NAMED:
        # What the run brought is safe whatever becomes of this.
        with suppress(SQLAlchemyError, StoreError):
            keep_sampled(engine, connection_id, clock=clock, readers=readers)
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
