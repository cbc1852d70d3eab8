"""One run of one connection: the pipeline. It only orders calls; what they do is told where they are.

Streams in landing order; the slices of each are fetched by some threads and written by the calling one. Each batch of
whole pages is one transaction. A slice that cannot be had is noted and the run goes on; what makes the run pointless
ends it as failed; a crash ends it as interrupted. What was committed stays either way, and any page may be replayed.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from connector.errors import ConnectorError, FeatureAbsentError, SkipError
from connector.protocol import Connector, Reading, Stream
from portfolio.kpis.rollup import roll_up
from portfolio.model.oversight import KpiValue
from portfolio.model.work import WorkItem
from portfolio.store.engine import reading, writing
from portfolio.store.errors import StoreError
from sync.connections import ConnectionRow, get_connection
from sync.errors import SyncError
from sync.fetch import Skipped, fetch
from sync.landing.quarantine import Ward, forget_nameless
from sync.lease import Heartbeat, Lease
from sync.mapping.defaults import References, default_profile
from sync.mapping.profile import Bindings
from sync.mapping.rules import Rules
from sync.profiles import Version, latest, leaves_behind, refresh
from sync.progress import Progress, Silent, StreamCounts
from sync.readers import open_reader
from sync.remap import place_landed, remap_answered, remap_landed
from sync.runs import DONE, FAILED, INTERRUPTED, PARTIAL, close_run, open_run
from sync.write import unmapped
from sync.write.ledger import Ledger
from sync.write.page import Counts, Desk, write_pages
from sync.write.settle import settle
from sync.write.structure import latest_reports

Clock = Callable[[], datetime]


class RunSummary(msgspec.Struct, kw_only=True):
    """What a run did. `streams` by stream name.

    `state`: done; partial (done, with gaps that the notes of the streams tell of); failed (with the one-line `error`).
    """

    run_id: int
    state: str
    streams: dict[str, StreamCounts]
    error: str | None
    seconds: float


def sync_connection(
    engine: Engine,
    connection_id: int,
    connector: Connector,
    *,
    clock: Clock,
    time_zone: str = "UTC",
    threads: int = 4,
    progress: Progress | None = None,
    readers: Reading | None = None,
) -> RunSummary:
    """Read everything the connection can see and bring it into the portfolio. The caller closes the connector.

    `readers` stands in for the registry's readers of the connection's tracker. Raises what is not the tracker's doing:
    `StoreError` when the database fails, `LostLeaseError`, KeyboardInterrupt, defects; the run is then marked as
    interrupted. Raises `BusyError` when another run of the connection is under way.
    """
    row = get_connection(engine, connection_id)
    # A run makes millions of short-lived objects; the collector need not look through all older ones each time.
    gc.freeze()
    try:
        return _sync(engine, row, connector, clock, time_zone, threads, progress or Silent(), readers)
    finally:
        gc.unfreeze()


def _sync(
    engine: Engine,
    row: ConnectionRow,
    connector: Connector,
    clock: Clock,
    time_zone: str,
    threads: int,
    progress: Progress,
    readers: Reading | None,
) -> RunSummary:
    started = clock()
    lease, went_well = open_run(engine, row.id, row.name, started)
    run_id = lease.run_id
    streams: dict[str, StreamCounts] = {}
    error: str | None = None
    try:
        with Heartbeat(engine, lease, clock):
            run = _Run(engine, row, connector, lease, clock, time_zone, threads, progress, readers, streams)
            run.read_all()
            ended = run.finish(everything=not went_well)
            state = run.state
    except ConnectorError as problem:
        error, ended, state = " ".join(str(problem).split()), clock(), FAILED
        with writing(engine) as store:
            close_run(store, run_id, state, error, streams, ended)
    except BaseException as problem:
        # The database may be what failed: then the next run marks this one.
        with suppress(SQLAlchemyError, StoreError), writing(engine) as store:
            close_run(store, run_id, INTERRUPTED, _line(problem), streams, clock())
        raise
    finally:
        with suppress(SQLAlchemyError, StoreError), writing(engine) as store:
            lease.release(store)
    return RunSummary(
        run_id=run_id,
        state=state,
        streams=streams,
        error=error,
        seconds=(ended - started).total_seconds(),
    )


def _line(problem: BaseException) -> str:
    if isinstance(problem, KeyboardInterrupt):
        return "Stopped by hand. Start the sync again: what was committed is kept."
    said = str(problem) if isinstance(problem, StoreError | SyncError) else f"unexpected {type(problem).__name__}"
    return " ".join(said.split())


class _Run:
    """The steps of a run and what they share."""

    def __init__(
        self,
        engine: Engine,
        row: ConnectionRow,
        connector: Connector,
        lease: Lease,
        clock: Clock,
        time_zone: str,
        threads: int,
        progress: Progress,
        readers: Reading | None,
        streams: dict[str, StreamCounts],
    ) -> None:
        self._engine = engine
        self._row = row
        self._connector = connector
        self._lease = lease
        self._clock = clock
        self._time_zone = time_zone
        self._threads = threads
        self._progress = progress
        self._readers = readers
        self.streams = streams
        self.state = DONE
        started = clock()
        with reading(engine) as store:
            version = latest(store, row.id) or Version(1, default_profile(References()))
            ledger = Ledger(store, row.id, Rules(version.profile, time_zone), version.number, started)
            ward = Ward(store, row.id, lease.run_id)
            reader = open_reader(store, row.id, row.tracker, row.address, Bindings(), readers)
        self._desk = Desk(ledger, ward, reader, lease.run_id, started)
        self._outdated = False

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A write transaction in which the connection is surely ours."""
        with writing(self._engine) as store:
            self._lease.renew(store, self._clock())
            yield store

    def read_all(self) -> None:
        """Read every stream the tracker has, in order."""
        for stream in self._connector.streams():
            if stream is Stream.ITEMS:
                self._learn()
            self._read(stream)
            self._after(stream)

    def _learn(self) -> None:
        """Take up the profile and the reader that the landed reference records ask for, before items are read."""
        row, desk = self._row, self._desk
        with self._writing() as store:
            version = refresh(store, row.id, desk.reader, desk.started)
            outdated = version.outdates or leaves_behind(store, row.id, version)
            reader = open_reader(store, row.id, row.tracker, row.address, version.profile.bindings, self._readers)
            if any(self._fresh(stream) for stream in (Stream.PROJECTS, Stream.PORTFOLIOS)):
                place_landed(store, desk.ledger, reader)
        desk.ledger.rules = Rules(version.profile, self._time_zone)
        desk.ledger.profile_version = version.number
        self._outdated = outdated
        self._desk = desk._replace(reader=reader)

    def _fresh(self, stream: Stream) -> bool:
        """Whether this run brought anything new of the stream."""
        counts = self.streams.get(stream.value)
        return counts is not None and counts.created + counts.updated > 0

    def _read(self, stream: Stream) -> None:
        counts = self.streams.setdefault(stream.value, StreamCounts())
        try:
            slices = self._connector.slices(stream)
        except SkipError as error:
            self._note(stream, [Skipped("", error)])
            return
        self._progress.started(stream, len(slices))
        whole = True
        for arrivals, skipped in fetch(self._connector, stream, slices, self._threads):
            if arrivals:
                with self._writing() as store:
                    written = write_pages(store, self._desk, arrivals, self._clock())
                    unmapped.report(store, self._desk.ledger)
                self._count(written)
            self._note(stream, skipped)
            whole = whole and not skipped
            self._progress.page(stream, counts)
        if whole:
            with self._writing() as store:
                for part in (stream, Stream.CHANGES) if stream is Stream.ITEMS else (stream,):
                    forget_nameless(store, self._row.id, part, self._desk.run_id)
        self._progress.finished(stream)

    def _count(self, written: Counts) -> None:
        for stream, counts in written.items():
            self.streams.setdefault(stream.value, StreamCounts()).add(counts)

    def _note(self, stream: Stream, skipped: list[Skipped]) -> None:
        counts = self.streams[stream.value]
        for part in skipped:
            where = f"{part.slice}: " if part.slice else ""
            line = where + " ".join(str(part.error).split())
            # What the tracker's plan does not include is not missing.
            if not isinstance(part.error, FeatureAbsentError):
                self.state = PARTIAL
            counts.note = line if counts.note is None else f"{counts.note} | {line}"

    def _after(self, stream: Stream) -> None:
        ledger = self._desk.ledger
        if stream is Stream.ITEMS and self._outdated:
            remap_landed(self._engine, ledger, self._desk.ward, self._desk.reader, self._writing)
        elif stream is Stream.ITEMS:
            with self._writing() as store:
                remap_answered(store, ledger, self._desk.ward, self._desk.reader)
        elif stream is Stream.STATUS_UPDATES and self._fresh(stream):
            with self._writing() as store:
                latest_reports(store, ledger)

    def _note_homeless(self, store: Connection) -> None:
        counts, count = self.streams.get(Stream.ITEMS.value), _homeless(store, self._row.id)
        if counts is not None and count:
            line = f"{count} {'item' if count == 1 else 'items'} without a project"
            counts.note = line if counts.note is None else f"{counts.note} | {line}"

    def finish(self, *, everything: bool) -> datetime:
        """Settle relations, close the run and roll up what was touched, all in one transaction.

        `everything` when an earlier run left that undone. The run is closed first: how fresh the data is, is a figure
        too. Returns the time of closing.
        """
        ledger, now = self._desk.ledger, self._clock()
        here = now.astimezone(ledger.rules.zone)
        with self._writing() as store:
            if ledger.unsettled or everything:
                settle(store, ledger)
            self._note_homeless(store)
            close_run(store, self._desk.run_id, self.state, None, self.streams, now)
            # The first run of a day brings all figures to that day; the others only what they touched.
            if everything or not _read_on(store, here.date()):
                roll_up(store, as_of=here.date(), now=here)
            elif ledger.touched:
                roll_up(store, as_of=here.date(), now=here, project_ids=sorted(ledger.touched))
        return now


def _homeless(store: Connection, connection_id: int) -> int:
    """How many items of the connection are in no project that is followed."""
    own = (WorkItem.connection_id == connection_id, WorkItem.project_id.is_(None), WorkItem.deleted_at.is_(None))
    return store.scalar(select(func.count()).select_from(WorkItem).where(*own)) or 0


def _read_on(store: Connection, as_of: date) -> bool:
    return store.scalar(select(KpiValue.id).where(KpiValue.as_of == as_of).limit(1)) is not None
