"""What the steps of a run share: the store, the tracker, the desk, and how much has been done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection

from connector.errors import FeatureAbsentError, SkipError
from connector.protocol import Connector, Reading, Stream
from portfolio.model.landing import RawRecord
from portfolio.model.work import Dependency, ItemProject, ItemVersion, Transition, WorkItem, Worklog
from portfolio.store.errors import PASSING
from portfolio.store.statistics import refresh_statistics
from sync.connections import ConnectionRow
from sync.errors import StoppedError
from sync.landing.missing import Missing
from sync.landing.quarantine import Ward
from sync.mapping.defaults import References, default_profile
from sync.mapping.profile import Bindings
from sync.mapping.rules import Rules
from sync.modes import Mode
from sync.profiles import Version, latest
from sync.progress import Progress, StreamCounts
from sync.readers import open_reader
from sync.run.access import Access
from sync.run.lease import Renewable
from sync.run.runs import DONE, PARTIAL, add_counts, asked_to_stop
from sync.schedule.requests import Request
from sync.tables import table_of
from sync.write import unmapped
from sync.write.ledger import Ledger
from sync.write.page import Arrival, Desk, write_pages

Clock = Callable[[], datetime]
T = TypeVar("T")

# Tables that a first run fills, and after how many records it is worth looking at them.
FILLING = tuple(map(table_of, (RawRecord, WorkItem, ItemVersion, ItemProject, Transition, Dependency, Worklog)))
FIRST_LOOK = 500
# How long to wait before a write is tried again that the database could not take; then the run ends.
PAUSES_S = (0.5, 2.0, 8.0, 20.0)


class Terms(NamedTuple):
    """How a run is to be done. `most_retired` is the share of a stream that may be retired without a person's word.

    `call_helpers` asks other processes to share a run (its id, and how many slices there are); None: there are none.
    """

    clock: Clock
    time_zone: str
    threads: int
    progress: Progress
    readers: Reading | None
    most_retired: float
    stop: Callable[[], str | None]
    call_helpers: Callable[[int, int], None] | None = None


class Running:
    """One run under way, in one process. Its writes are fenced: what it holds is renewed with each of them.

    `everything`: whether all relations and figures are to be made anew in the end. `takes_up` is the number of the
    mapping that all landed records are mapped with then, None for what is taken up by no number; `answers` the request
    that is fulfilled then.
    """

    def __init__(
        self, access: Access, row: ConnectionRow, held: Renewable, run_id: int, mode: Mode, terms: Terms
    ) -> None:
        self.access = access
        self.row = row
        self.held = held
        self.run_id = run_id
        self.mode = mode
        self.terms = terms
        self.state = DONE
        self.met: dict[Stream, StreamCounts] = {}
        self.everything = False
        self.takes_up: int | None = None
        self.answers: Request | None = None
        self._looked_at = 0
        self.started = terms.clock()
        self.desk = self._open_desk()

    def _open_desk(self) -> Desk:
        """What is known of the connection, read anew from the store."""
        row, terms = self.row, self.terms
        with self.access.reading() as store:
            version = latest(store, row.id) or Version(1, default_profile(References()))
            ledger = Ledger(store, row.id, Rules(version.profile, terms.time_zone), version.number, self.started)
            ward = Ward(store, row.id, self.run_id)
            missing = Missing(store, row.id, self.run_id)
            bindings = version.profile.bindings if version.number else Bindings()
            reader = open_reader(store, row.id, row.tracker, row.address, bindings, terms.readers)
        return Desk(ledger, ward, missing, reader, self.run_id, self.started)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction in which what we hold is surely ours."""
        with self.access.writing() as store:
            self.held.renew(store, self.terms.clock())
            yield store

    def write(self, act: Callable[[Connection], T]) -> T:
        """Do something in a write transaction; again, after a pause, when the database was away or busy for a moment.

        What is known of the connection is then read anew: it may speak of rows that were never written.
        """
        for pause in PAUSES_S:
            try:
                with self.writing() as store:
                    return act(store)
            except PASSING:
                threading.Event().wait(pause)
                self._start_afresh()
        with self.writing() as store:
            return act(store)

    def _start_afresh(self) -> None:
        before = self.desk.ledger
        try:
            self.desk = self._open_desk()
        except PASSING:
            return
        self.desk.ledger.touch(*before.touched)
        self.desk.ledger.unsettled = before.unsettled
        self.desk.ledger.everywhere = before.everywhere

    def count(self, store: Connection, stream: Stream, counts: StreamCounts) -> None:
        """Add figures that do not come from pages."""
        add_counts(store, self.run_id, stream, counts)
        self.met.setdefault(stream, StreamCounts()).add(counts)

    def heed(self) -> None:
        """Raise `StoppedError` if somebody wants the run to stop. Called between batches."""
        with self.access.reading() as store:
            by = self.terms.stop() or asked_to_stop(store, self.run_id)
        if by is not None:
            raise StoppedError(by)


class Work(Running):
    """A run that asks its tracker."""

    def __init__(
        self,
        access: Access,
        row: ConnectionRow,
        connector: Connector,
        held: Renewable,
        run_id: int,
        mode: Mode,
        terms: Terms,
    ) -> None:
        super().__init__(access, row, held, run_id, mode, terms)
        self.connector = connector

    def take(self, arrivals: Sequence[Arrival]) -> None:
        """Write pages of one stream, with their cursors and figures, all or nothing."""
        stream, clock = arrivals[0].page.stream, self.terms.clock
        ended = sum(len(part.slices) for page, _, part in arrivals if part is not None and page.position is None)

        def act(store: Connection) -> dict[Stream, StreamCounts]:
            written = write_pages(store, self.desk, arrivals, clock())
            unmapped.report(store, self.desk.ledger)
            written.setdefault(stream, StreamCounts()).slices_done += ended
            for each, counts in written.items():
                add_counts(store, self.run_id, each, counts)
            return written

        for each, counts in self.write(act).items():
            self.met.setdefault(each, StreamCounts()).add(counts)
        self._keep_statistics()

    def _keep_statistics(self) -> None:
        """Whenever a run has made twice as many records as before, the database is told to look at its tables again."""
        made = sum(counts.created for counts in self.met.values())
        if made >= max(FIRST_LOOK, 2 * self._looked_at):
            self._looked_at = made
            self.write(lambda store: refresh_statistics(store, FILLING))

    def gap(self, stream: Stream, slices: Sequence[str], error: SkipError) -> None:
        """Note that a part of a stream is out of reach."""
        where = f"{', '.join(slices)}: " if any(slices) else ""
        # What the tracker's plan does not include is not missing.
        if not isinstance(error, FeatureAbsentError):
            self.state = PARTIAL
        self.note(stream, where + " ".join(str(error).split()))

    def note(self, stream: Stream, line: str) -> None:
        """Add a line to what is said of a stream."""
        with self.writing() as store:
            add_counts(store, self.run_id, stream, StreamCounts(note=line))
        self.met.setdefault(stream, StreamCounts())

    def brought(self, stream: Stream) -> bool:
        """Whether this run brought anything new of the stream, or found something of it gone."""
        counts = self.met.get(stream)
        return counts is not None and counts.created + counts.updated + counts.retired > 0
