"""The census: which items there are, by id, against which the portfolio holds.

What the tracker has and we do not is fetched by id; what we have and it does not show is observed as missing; what it
changed without our hearing of it is fetched anew. Each slice is counted, against the tracker's own count where it gives
one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, select

from connector.errors import SkipError
from connector.protocol import Connector, Roll, Stream
from portfolio.model.landing import SliceCount
from portfolio.model.structure import ProjectRef
from portfolio.model.work import WorkItem
from portfolio.store.upsert import upsert
from sync.landing.raw import CHUNK
from sync.run.fetch import Skipped
from sync.run.met import Met
from sync.run.named import AT_ONCE, take_named
from sync.run.pump import Pipe, pump
from sync.run.work import Work
from sync.tables import table_of


class Listed(NamedTuple):
    """A slice whose census is at its end: how many items it showed, and how many the tracker says there are."""

    slice: str
    listed: int
    told: int | None


_Found = Roll | Listed | Skipped


class Census(NamedTuple):
    """What a walk over all slices met: which items, which slices it could not walk, and how many items each has."""

    met: Met
    unread: set[str]
    counts: list[Listed]


def take_census(work: Work) -> Census:
    """Walk the census of all slices and fetch what it tells of."""
    slices = work.connector.slices(Stream.ITEMS)
    met, unread, counts = Met(), set[str](), list[Listed]()
    wanted: list[str] = []
    for found in _walk(work.connector, slices, work.terms.threads):
        for one in found:
            if isinstance(one, Roll):
                met.add(ident for ident, _ in one.entries)
                wanted += _wanted(work, one)
            elif isinstance(one, Listed):
                counts.append(one)
            else:
                unread.update(one.slices)
                work.gap(Stream.ITEMS, one.slices, one.error)
        while len(wanted) >= AT_ONCE:
            take_named(work, wanted[:AT_ONCE])
            del wanted[:AT_ONCE]
        work.heed()
    take_named(work, wanted)
    return Census(met, unread, counts)


def observe_missing(work: Work, met: Met, unread: set[str]) -> None:
    """Write down the items the portfolio holds as live and the tracker did not show.

    Those of slices that could not be walked are left out, and those of archived projects, which no search finds.
    """
    slices = set(work.connector.slices(Stream.ITEMS))
    with work.access.reading() as store:
        missing = [
            ident
            for chunk in _live(store, work.row.id)
            for ident, home, archived in chunk
            if home not in unread and (home in slices or not archived) and ident not in met
        ]
    if missing:
        work.write(lambda store: work.desk.missing.observe(store, Stream.ITEMS, missing, work.terms.clock()))


def _walk(connector: Connector, slices: Sequence[str], threads: int) -> Iterator[list[_Found]]:
    def walk(name: str, pipe: Pipe[str, _Found]) -> None:
        listed, told = 0, None
        try:
            for roll in connector.census(name):
                listed, told = listed + len(roll.entries), roll.told
                pipe.put(roll)
        except SkipError as error:
            pipe.put(Skipped((name,), error))
        else:
            pipe.put(Listed(name, listed, told))

    return pump(slices, walk, threads, name="census", ahead=2, most=lambda found: len(found) >= threads)


def _wanted(work: Work, roll: Roll) -> list[str]:
    """The items of a roll that are not held as they are now. What waits in quarantine is not asked for again.

    Those that are held are surely there, whatever was thought of them. One that is held in another project has come
    here without a change of its own, as when the project it was in went out of sight.
    """
    held: dict[str, datetime] = {}
    at_home: set[str] = set()
    ids = [ident for ident, _ in roll.entries]
    with work.access.reading() as store:
        for first in range(0, len(ids), CHUNK):
            query = select(WorkItem.external_id, WorkItem.updated_at, WorkItem.home).where(
                WorkItem.connection_id == work.row.id,
                WorkItem.deleted_at.is_(None),
                WorkItem.external_id.in_(ids[first : first + CHUNK]),
            )
            for ident, changed, home in store.execute(query):
                held[ident] = changed
                if home == roll.slice:
                    at_home.add(ident)
    if held and work.desk.missing.concerns(Stream.ITEMS):
        work.write(lambda store: work.desk.missing.release(store, Stream.ITEMS, list(held)))
    return [
        ident
        for ident, changed in roll.entries
        if (ident not in at_home or (changed is not None and changed > held[ident]))
        and not work.desk.ward.holds(Stream.ITEMS, ident)
    ]


def _live(store: Connection, connection_id: int) -> Iterator[list[tuple[str, str | None, bool]]]:
    """The live items of a connection with the tracker's project each is in, and whether that is in the archive.

    One that is out of sight is in no archive that we know of.
    """
    home = (ProjectRef.external_id == WorkItem.home) & (ProjectRef.connection_id == WorkItem.connection_id)
    archived = and_(ProjectRef.archived, ProjectRef.deleted_at.is_(None))
    query = (
        select(WorkItem.id, WorkItem.external_id, WorkItem.home, archived)
        .outerjoin(ProjectRef, home)
        .where(WorkItem.connection_id == connection_id, WorkItem.deleted_at.is_(None))
        .order_by(WorkItem.id)
        .limit(CHUNK * 4)
    )
    after = 0
    while rows := store.execute(query.where(WorkItem.id > after)).all():
        yield [(ident, part, bool(archived)) for _, ident, part, archived in rows]
        after = rows[-1][0]


def keep_counts(store: Connection, connection_id: int, counts: Sequence[Listed], now: datetime) -> None:
    """Write down how complete each slice is, once what is missing has been dealt with."""
    kept = dict(
        store.execute(
            select(WorkItem.home, func.count())
            .where(WorkItem.connection_id == connection_id, WorkItem.deleted_at.is_(None))
            .group_by(WorkItem.home)
        ).all()
    )
    rows = [
        {
            "connection_id": connection_id,
            "slice": each.slice,
            "told": each.told,
            "listed": each.listed,
            "kept": kept.get(each.slice, 0),
            "checked_at": now,
        }
        for each in counts
    ]
    upsert(store, table_of(SliceCount), rows, ["connection_id", "slice"])
