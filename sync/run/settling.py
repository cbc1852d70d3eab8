"""The end of a run: absences are classified and applied, relations settled, figures rolled up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from connector.protocol import Stream
from portfolio.figures.keep import computed
from portfolio.model.landing import RawRecord
from portfolio.model.work import WorkItem
from sync import holds
from sync.inbox.note import note_seen
from sync.progress import StreamCounts
from sync.run.feeding import place_landed
from sync.run.named import AT_ONCE, judge, take_named, with_their_projects
from sync.run.remap import settle_all
from sync.run.runs import close_run
from sync.run.work import Running, Work
from sync.schedule import requests
from sync.versions import take_up
from sync.write.retire import retire
from sync.write.sources import mark_fed

# So many missing items are asked for by id before a person is asked: enough to tell what kind of loss it is.
SAMPLE = 200


def deal_with_absences(work: Work) -> int:
    """Classify what is missing, and retire it unless it is too much. Returns how many records are held back."""
    with work.access.reading() as store:
        counts, held = work.desk.missing.counts(store), holds.pending(store, work.row.id)
        totals = {stream: _total(store, work.row.id, stream) for stream in counts}
        open_items = work.desk.missing.unclassified(store)
    if not counts and held is None and not open_items:
        return 0
    if not _excess(work, counts, totals, held):
        _classify(work, open_items)
    else:
        _classify(work, open_items[:SAMPLE])
    with work.access.reading() as store:
        # Some turned out to be there.
        counts = work.desk.missing.counts(store)
    excess = _excess(work, counts, totals, held)
    # Items go before their worklogs.
    for stream in Stream:
        if stream is Stream.WORKLOGS:
            work.write(work.desk.missing.spare_worklogs)
        if stream in counts and stream not in excess:
            _retire(work, stream)
    _keep_hold(work, excess, totals)
    return sum(excess.values())


def _excess(
    work: Work, counts: dict[Stream, int], totals: dict[Stream, int], held: holds.Held | None
) -> dict[Stream, int]:
    """The streams of which too much is missing, unless a person approved of about that much."""
    share = work.terms.most_retired
    over = {stream: count for stream, count in counts.items() if holds.too_many(count, totals.get(stream, 0), share)}
    return {} if holds.covers(held, sum(over.values())) else over


def _classify(work: Work, ids: list[str]) -> None:
    found = take_named(work, ids)
    kept = with_their_projects(work, found)
    if kept:
        work.write(lambda store: work.desk.missing.release(store, Stream.ITEMS, sorted(kept)))
    absent = judge(work, [each for each in found if each.external_id not in kept])
    if absent:
        work.write(lambda store: work.desk.missing.classify(store, absent, work.terms.clock()))


def _retire(work: Work, stream: Stream) -> None:
    while True:

        def act(store: Connection) -> int:
            desk = work.desk
            verdicts = desk.missing.to_retire(store, stream, AT_ONCE, work.terms.clock())
            if verdicts:
                retire(store, desk.ledger, stream, verdicts)
                desk.missing.applied(store, stream, verdicts, work.terms.clock())
                work.count(store, stream, StreamCounts(retired=len(verdicts)))
            return len(verdicts)

        if work.write(act) < AT_ONCE:
            break
    if stream is Stream.PORTFOLIOS:
        work.write(lambda store: place_landed(store, work.desk.ledger, work.desk.reader))


def _keep_hold(work: Work, excess: dict[Stream, int], totals: dict[Stream, int]) -> None:
    missing = sum(excess.values())
    total = sum(totals[stream] for stream in excess)

    def act(store: Connection) -> None:
        if missing:
            holds.place(store, work.row.id, work.run_id, missing, total, work.terms.clock())
        else:
            holds.lift(store, work.row.id)

    work.write(act)


def _total(store: Connection, connection_id: int, stream: Stream) -> int:
    """How many live records of a stream there are."""
    if stream is Stream.ITEMS:
        query = select(func.count()).where(WorkItem.connection_id == connection_id, WorkItem.deleted_at.is_(None))
    else:
        own = (RawRecord.connection_id == connection_id, RawRecord.stream == stream.value)
        query = select(func.count()).where(*own, RawRecord.retired_at.is_(None))
    return store.scalar(query) or 0


def finish(work: Running) -> datetime:
    """Settle relations, close the run and roll up what was touched, all in one transaction.

    The run is closed first: how fresh the data is, is a figure too. Returns the time of closing.
    """
    now = work.terms.clock()
    here = now.astimezone(work.desk.ledger.rules.zone)

    def act(store: Connection) -> None:
        ledger = work.desk.ledger
        if ledger.unsettled or work.everything:
            settle_all(store, work.desk)
            note_seen(store, work.row.id, ledger.rules, now)
        _note_homeless(work, store)
        close_run(store, work.run_id, work.state, None, now)
        if work.takes_up is not None:
            take_up(store, work.row.id, work.takes_up)
        if work.answers is not None:
            requests.fulfil(store, work.answers)
        changed = mark_fed(store)
        # The first run of a day brings all figures to that day; the others only what they touched.
        every = work.everything or changed or ledger.everywhere or not computed(store, here.date())
        if every or ledger.touched:
            _roll_up(store, here, None if every else sorted(ledger.touched))

    work.write(act)
    return now


def _roll_up(store: Connection, here: datetime, project_ids: list[int] | None) -> None:
    # Here, because most runs of most days bring nothing, and KPIs and rules take as long to load as such a run.
    from portfolio.figures.rollup import roll_up

    roll_up(store, as_of=here.date(), now=here, project_ids=project_ids)


def _note_homeless(work: Running, store: Connection) -> None:
    """How many items of the connection are in no project, although no rule says so."""
    left_out = [each.external_id for each in work.desk.ledger.rules.profile.placing.sources if not each.code]
    own = (WorkItem.connection_id == work.row.id, WorkItem.project_id.is_(None), WorkItem.deleted_at.is_(None))
    meant = or_(WorkItem.source.is_(None), WorkItem.source.not_in(left_out))
    count = store.scalar(select(func.count()).select_from(WorkItem).where(*own, meant)) or 0
    if count and Stream.ITEMS in work.met:
        line = f"{count} {'item' if count == 1 else 'items'} without a project"
        work.count(store, Stream.ITEMS, StreamCounts(note=line))
