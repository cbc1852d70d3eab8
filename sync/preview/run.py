"""Running a draft over landed records, on a stage, and saying what it would do.

What is done to the shadows is what approving does to the real tables: the draft is put in force there, and the same
functions map, settle and roll up. So what is told is what would be. No tracker is asked and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection as Store
from sqlalchemy import Engine, func, insert, select

from connector.protocol import Reading, Stream
from portfolio.model.landing import Connection, RawRecord
from portfolio.model.mapping import MappingVersion
from portfolio.model.structure import Project
from portfolio.store.shadow import Shadow, shadow
from sync.inbox.note import note_seen
from sync.landing.missing import Missing
from sync.landing.quarantine import Ward
from sync.mapping.document import Mapping, encode
from sync.mapping.profile import Bindings
from sync.mapping.rules import Rules
from sync.memory import frozen_memory
from sync.preview import compare, examples, figures, leftovers
from sync.preview.result import Result, Unclear
from sync.preview.stage import set_up
from sync.preview.watch import Watch, watched
from sync.profiles import refresh
from sync.readers import open_reader
from sync.run.lease import Renewable
from sync.run.remap import Remapped, remap_landed, settle_all
from sync.versions import APPROVED, number_in_force
from sync.write.ledger import Ledger
from sync.write.page import Desk
from sync.write.sources import mark_fed


class Terms(NamedTuple):
    """How a preview is to be done."""

    clock: Callable[[], datetime]
    time_zone: str = "UTC"
    readers: Reading | None = None


def run_preview(
    engine: Engine,
    mapping: Mapping,
    terms: Terms,
    *,
    stop: Callable[[], str | None] = lambda: None,
    tell: Callable[[int, int], str | None] = lambda _done, _total: None,
) -> Result:
    """Find out what `mapping` would do if it were in force.

    `stop` gives the reason to stop, if there is one; `tell` is told how many of how many items are mapped, and may give
    one, too. Raises `PreviewStoppedError` then, within a moment. Nothing is left behind, however it ends.
    """

    def work(watch: Watch) -> Result:
        with shadow(engine) as ours, watch.interrupts(ours.interrupt), frozen_memory():
            return _find_out(ours, mapping, terms, watch)

    return watched(work, stop, tell)


def _find_out(ours: Shadow, mapping: Mapping, terms: Terms, watch: Watch) -> Result:
    store, began = ours.store, terms.clock()
    set_up(ours)
    watch.heed()
    here = began.astimezone(ZoneInfo(terms.time_zone))
    before = figures.compute(store, here.date(), here)
    _put_in_force(store, mapping, began)
    found = _connections(store)
    watch.total = sum(each.items for each in found)
    desks = {each.id: _map_all(store, each, terms, began, watch) for each in found}
    watch.heed()
    after = figures.compute(store, here.date(), here)
    watch.heed()
    compare.note_changes(ours)
    changed, changes = compare.changes(ours)
    readings = figures.unlike(store, before, after)
    failed, failures = leftovers.failures(ours)
    new, gone = _projects(ours)
    return Result(
        as_of=here.date(),
        looked_at=began,
        seconds=(terms.clock() - began).total_seconds(),
        items=watch.total,
        changed=changed,
        changes=changes,
        moves=compare.moves(ours),
        kpis=tuple(readings[: figures.MOST]),
        figures=len(readings),
        recoloured=sum(each.recoloured for each in readings),
        failed=failed,
        failures=failures,
        unmapped=leftovers.unmapped(ours),
        covered=leftovers.covered(ours),
        examples=examples.choose(ours, desks),
        projects_new=new,
        projects_gone=gone,
        unclear=tuple(Unclear(it.name, said) for it in found for said in desks[it.id].ledger.rules.profile.unclear),
    )


def _put_in_force(store: Store, mapping: Mapping, now: datetime) -> None:
    row = {
        "number": (number_in_force(store) or 0) + 1,
        "state": APPROVED,
        "body": encode(mapping),
        "edited_by": "",
        "edited_at": now,
    }
    store.execute(insert(MappingVersion).values(**row))


class _Landed(NamedTuple):
    """A connection that has landed records, and how many items."""

    id: int
    name: str
    tracker: str
    address: str
    items: int


def _connections(store: Store) -> list[_Landed]:
    is_item = RawRecord.stream == Stream.ITEMS.value
    query = (
        select(Connection.id, Connection.name, Connection.tracker, Connection.address, func.count().filter(is_item))
        .join(RawRecord, RawRecord.connection_id == Connection.id)
        .where(RawRecord.retired_at.is_(None))
        .group_by(Connection.id, Connection.name, Connection.tracker, Connection.address)
        .order_by(Connection.id)
    )
    return [_Landed(*row) for row in store.execute(query)]


class _OneConnection:
    """The shadow's connection for reading and writing both: nothing is committed, so that nothing is rolled back."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @contextmanager
    def writing(self) -> Iterator[Store]:
        yield self._store

    @contextmanager
    def reading(self) -> Iterator[Store]:
        yield self._store

    def beating(self, held: Renewable, clock: Callable[[], datetime]) -> AbstractContextManager[None]:
        return nullcontext()


def _map_all(store: Store, row: _Landed, terms: Terms, now: datetime, watch: Watch) -> Desk:
    """Map, settle and report one connection, as a run does that maps again."""
    bare = open_reader(store, row.id, row.tracker, row.address, Bindings(), terms.readers)
    version = refresh(store, row.id, bare, now)
    reader = open_reader(store, row.id, row.tracker, row.address, version.profile.bindings, terms.readers)
    ledger = Ledger(store, row.id, Rules(version.profile, terms.time_zone), version.number, now)
    desk = Desk(ledger, Ward(store, row.id, None), Missing(store, row.id, None), reader, 0, now)
    access = _OneConnection(store)

    def after(done: Remapped) -> None:
        watch.done += done.items + done.quarantined
        watch.heed()

    remap_landed(access, desk, access.writing, after)
    settle_all(store, desk)
    mark_fed(store)
    note_seen(store, row.id, ledger.rules, now)
    return desk


def _projects(ours: Shadow) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the projects that are fed in the shadow alone, and of those that are so in reality alone."""
    real = ours.real(Project.__table__)  # type: ignore[arg-type]
    query = [select(table.c.id, table.c.name).where(table.c.fed) for table in (Project.__table__, real)]
    after, before = (dict(ours.store.execute(each).all()) for each in query)
    new = sorted(name for ident, name in after.items() if ident not in before)
    return tuple(new), tuple(sorted(name for ident, name in before.items() if ident not in after))
