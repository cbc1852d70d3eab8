"""Records that are not where they were: observed first, then classified, then applied.

Nothing is retired because it did not come: an item is asked for by id before. A list that was read whole without one of
its records is the tracker's word on that record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, delete, exists, func, or_, select, update

from connector.protocol import Absent, Stream, Verdict
from portfolio.model.landing import Absence
from portfolio.model.work import WorkItem, Worklog
from portfolio.store.engine import reading
from portfolio.store.upsert import upsert
from sync.landing.raw import CHUNK
from sync.tables import table_of

_KEY = ["connection_id", "stream", "external_id"]
UNLISTED = "It is not in the tracker's list any more."
TOLD = "The tracker tells that it was deleted."
# Jira lists a worklog only when it has rested for a minute: one just changed is in no list, and is there all the same.
UNRESTED = timedelta(minutes=2)
# What takes a record out of the figures. An unknown fate does not.
RETIRING = tuple(verdict.value for verdict in Verdict if verdict is not Verdict.UNKNOWN)


class Missing:
    """The absences of one connection during one run."""

    def __init__(self, store: Connection, connection_id: int, run_id: int | None) -> None:
        self._connection_id = connection_id
        self._run_id = run_id
        query = select(Absence.stream).where(Absence.connection_id == connection_id).distinct()
        # Streams without any absence, the most of them, cost nothing.
        self._streams = set(store.scalars(query))

    def observe(
        self, store: Connection, stream: Stream, ids: Iterable[str], now: datetime, why: str = UNLISTED
    ) -> None:
        """Write down that these records did not come. What is written down already keeps its day."""
        # A list of anything but items shows all there is: what it lacks is gone.
        told = (None, None, None) if stream is Stream.ITEMS else (Verdict.DELETED.value, why, now)
        rows = [
            {
                "connection_id": self._connection_id,
                "stream": stream.value,
                "external_id": ident,
                "observed_at": now,
                "run_id": self._run_id,
                "verdict": told[0],
                "why": told[1],
                "checked_at": told[2],
            }
            for ident in ids
        ]
        if rows:
            upsert(store, table_of(Absence), rows, _KEY, update=[])
            self._streams.add(stream.value)

    def release(self, store: Connection, stream: Stream, ids: Sequence[str]) -> None:
        """These records are there: whatever was thought of them is over."""
        if self.concerns(stream):
            for first in range(0, len(ids), CHUNK):
                some = Absence.external_id.in_(ids[first : first + CHUNK])
                store.execute(delete(Absence).where(*self._of(stream), some))

    def spare_worklogs(self, store: Connection) -> None:
        """Take back what was thought of worklogs that are not listed because their items are not to be seen.

        They are no more known to be gone than those are, and would not come back with them: nothing changed them.
        """
        if not self.concerns(Stream.WORKLOGS):
            return
        lost = select(Absence.external_id).where(*self._of(Stream.ITEMS), Absence.applied_at.is_(None))
        own = (Worklog.connection_id == self._connection_id, Worklog.external_id == Absence.external_id)
        unseen = or_(WorkItem.deleted_at.is_not(None), WorkItem.external_id.in_(lost))
        hanging = exists().where(*own, WorkItem.id == Worklog.item_id, unseen)
        open_end = (*self._of(Stream.WORKLOGS), Absence.applied_at.is_(None), Absence.why == UNLISTED)
        store.execute(delete(Absence).where(*open_end, hanging))

    def concerns(self, stream: Stream) -> bool:
        """Whether anything of the stream is or was missing."""
        return stream.value in self._streams

    def classify(self, store: Connection, absents: Sequence[Absent], now: datetime) -> None:
        """Write down what the tracker says of observed items."""
        for absent in absents:
            told = {"verdict": absent.verdict.value, "why": absent.why, "checked_at": now}
            one = update(Absence).where(*self._of(Stream.ITEMS), Absence.external_id == absent.external_id)
            store.execute(one.values(**told))

    def unclassified(self, store: Connection) -> list[str]:
        """The items to be asked for, the longest missing first."""
        open_end = or_(Absence.verdict.is_(None), Absence.verdict == Verdict.UNKNOWN.value)
        query = select(Absence.external_id).where(*self._of(Stream.ITEMS), Absence.applied_at.is_(None), open_end)
        return list(store.scalars(query.order_by(Absence.observed_at, Absence.external_id)))

    def counts(self, store: Connection) -> dict[Stream, int]:
        """How many absences of each stream are not applied, whatever their fate, the unknown ones left out."""
        known = Absence.verdict.is_distinct_from(Verdict.UNKNOWN.value)
        query = (
            select(Absence.stream, func.count())
            .where(Absence.connection_id == self._connection_id, Absence.applied_at.is_(None), known)
            .group_by(Absence.stream)
        )
        return {Stream(stream): count for stream, count in store.execute(query)}

    def to_retire(self, store: Connection, stream: Stream, most: int, now: datetime) -> Mapping[str, str]:
        """Up to so many classified records that are not retired yet, with their verdicts."""
        ripe: tuple[ColumnElement[bool], ...] = ()
        if stream is Stream.WORKLOGS:
            ripe = (or_(Absence.why != UNLISTED, Absence.observed_at <= now - UNRESTED),)
        query = (
            select(Absence.external_id, Absence.verdict)
            .where(*self._of(stream), Absence.applied_at.is_(None), Absence.verdict.in_(RETIRING), *ripe)
            .order_by(Absence.external_id)
            .limit(most)
        )
        return {ident: verdict for ident, verdict in store.execute(query) if verdict is not None}

    def applied(self, store: Connection, stream: Stream, ids: Iterable[str], now: datetime) -> None:
        """Note that these are retired."""
        some = Absence.external_id.in_(list(ids))
        store.execute(update(Absence).where(*self._of(stream), some).values(applied_at=now))

    def _of(self, stream: Stream) -> tuple[ColumnElement[bool], ...]:
        return (Absence.connection_id == self._connection_id, Absence.stream == stream.value)


class OpenAbsence(NamedTuple):
    """A record that is missing and not retired. `title` is the item's, "" for other records."""

    stream: str
    external_id: str
    title: str
    verdict: str | None
    why: str | None
    observed_at: datetime


def open_absences(engine: Engine, connection_id: int, most: int) -> list[OpenAbsence]:
    """Up to so many of the connection's absences that are not applied, the longest missing first."""
    item = (WorkItem.connection_id == Absence.connection_id) & (WorkItem.external_id == Absence.external_id)
    columns = (Absence.stream, Absence.external_id, func.coalesce(WorkItem.title, ""), Absence.verdict, Absence.why)
    query = (
        select(*columns, Absence.observed_at)
        .outerjoin(WorkItem, item & (Absence.stream == Stream.ITEMS.value))
        .where(Absence.connection_id == connection_id, Absence.applied_at.is_(None))
        .order_by(Absence.observed_at, Absence.stream, Absence.external_id)
        .limit(most)
    )
    with reading(engine) as store:
        return [OpenAbsence(*row) for row in store.execute(query)]
