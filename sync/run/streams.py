"""Reading the streams of a connection in their order, as far as the run's mode goes."""

from __future__ import annotations

from sqlalchemy import Connection

from connector.errors import SkipError
from connector.protocol import Stream
from sync.landing.cursors import Reached, reached
from sync.landing.parts import Part, is_due, marks, parts
from sync.landing.quarantine import forget_nameless
from sync.landing.raw import live_ids
from sync.modes import KEPT_FOR_HISTORY, Mode
from sync.progress import StreamCounts
from sync.run.fetch import fetch
from sync.run.learning import learn
from sync.run.met import Met
from sync.run.remap import remap_answered, remap_landed
from sync.run.shared import FEWEST, read_shared
from sync.run.work import Work
from sync.write.structure import latest_reports

# What says which projects there are, where they belong and who leads them.
STRUCTURE = (Stream.PROJECTS, Stream.PORTFOLIOS, Stream.COMPONENTS)


class Streams:
    """One pass over all streams. `items` tells which items were met, and `unread` which of their slices were not."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._outdated = False
        self._widening = False
        self.shared = False
        self.items = Met()
        self.unread: set[str] = set()

    def read_all(self) -> None:
        """Read every stream that is due, in landing order."""
        work = self._work
        slices = work.connector.slices(Stream.ITEMS)
        with work.access.reading() as store:
            self._widening = not set(slices) <= _finished(reached(store, work.row.id, Stream.ITEMS))
        for stream in work.connector.streams():
            with work.access.reading() as store:
                cursors = reached(store, work.row.id, stream)
            if is_due(stream, work.mode, cursors, work.started, widening=self._widening):
                if stream is Stream.ITEMS:
                    places = any(work.brought(each) for each in STRUCTURE)
                    self._outdated = learn(work, places=places)
                self._read(stream, cursors)
                self._after(stream)

    def _read(self, stream: Stream, cursors: dict[str, Reached]) -> None:
        work = self._work
        work.met.setdefault(stream, StreamCounts())
        try:
            slices = work.connector.slices(stream)
            chosen = self._parts(stream, slices, cursors)
        except SkipError as error:
            work.gap(stream, (), error)
            return
        total = sum(len(part.slices) for part in chosen)
        work.write(lambda store: work.count(store, stream, StreamCounts(slices=total)))
        work.terms.progress.started(stream, total)
        if stream is Stream.ITEMS:
            chosen = self._share(stream, chosen)
        seen, unread = Met(), set(slices) - {part.slices[0] for part in chosen if part.whole}
        gaps = 0
        for arrivals, skipped in fetch(work.connector, stream, chosen, work.terms.threads):
            if arrivals:
                work.take(arrivals)
                seen.add(raw.external_id for page, _, _ in arrivals for raw in page.records if raw.stream is stream)
            for part in skipped:
                work.gap(stream, part.slices, part.error)
                unread.update(part.slices)
                gaps += 1
            work.terms.progress.page(stream, work.met[stream])
            work.heed()
        if not gaps and not unread:
            self._forget_nameless(stream)
            forget_gone(work, stream, seen)
        if stream is Stream.ITEMS:
            self.items, self.unread = seen, unread
        else:
            self._look_for_missing(stream, slices, seen, unread)
        work.terms.progress.finished(stream)

    def _parts(self, stream: Stream, slices: tuple[str, ...], cursors: dict[str, Reached]) -> tuple[Part, ...]:
        work = self._work
        known = marks(work.mode, slices, cursors)
        if stream is Stream.WORKLOGS and self._widening:
            # Those of a project that has come into sight are no news to the tracker.
            known = {}
        deltas = work.connector.deltas(stream, known) if known else ()
        if work.mode is Mode.CENSUS and stream is not Stream.ITEMS:
            # What a delta does not tell of, only the whole list does. Items have a census of their own.
            deltas = tuple(delta for delta in deltas if delta.tells_gone)
        return parts(work.mode, slices, deltas, cursors)

    def _share(self, stream: Stream, chosen: tuple[Part, ...]) -> tuple[Part, ...]:
        """Have whole slices read together with other processes, where that can be. Returns what is left to read."""
        work = self._work
        whole = [part.slices[0] for part in chosen if part.whole]
        if work.terms.call_helpers is None or len(whole) < FEWEST:
            return chosen
        read_shared(work, stream, whole, work.terms.call_helpers)
        self.shared = True
        return tuple(part for part in chosen if not part.whole)

    def _forget_nameless(self, stream: Stream) -> None:
        work = self._work

        def act(store: Connection) -> None:
            for part in (stream, Stream.CHANGES) if stream is Stream.ITEMS else (stream,):
                forget_nameless(store, work.row.id, part, work.run_id)

        work.write(act)

    def _look_for_missing(self, stream: Stream, slices: tuple[str, ...], seen: Met, unread: set[str]) -> None:
        """Observe what is landed of the stream and did not come with the slices read whole, or is in none any more."""
        work = self._work
        if stream in KEPT_FOR_HISTORY or unread == set(slices):
            return
        with work.access.reading() as store:
            missing = [
                ident
                for chunk in live_ids(store, work.row.id, stream)
                for ident, part in chunk
                if part not in unread and ident not in seen
            ]
        if missing:
            work.write(lambda store: work.desk.missing.observe(store, stream, missing, work.terms.clock()))

    def _after(self, stream: Stream) -> None:
        work = self._work
        if stream is Stream.ITEMS and self._outdated:
            remap_landed(work.access, work.desk, work.writing, lambda _: work.heed())
        elif stream is Stream.ITEMS:
            work.write(lambda store: remap_answered(store, work.desk))
        elif stream is Stream.STATUS_UPDATES and work.brought(stream):
            work.write(lambda store: latest_reports(store, work.desk.ledger))


def forget_gone(work: Work, stream: Stream, seen: Met) -> None:
    """Let go of what waits in quarantine and is in the tracker no more: `seen` is all there is."""
    gone = [ident for ident in work.desk.ward.waiting(stream) if ident not in seen]
    if gone:
        work.write(lambda store: work.desk.ward.release(store, stream, gone))


def _finished(cursors: dict[str, Reached]) -> set[str]:
    return {name for name, each in cursors.items() if each.completed_at is not None}
