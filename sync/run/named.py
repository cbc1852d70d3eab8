"""Items asked for by id: those a webhook named, those a census found, those that did not come."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from connector.protocol import Absent, Page, Stream, Verdict
from portfolio.model.work import WorkItem
from sync.landing.raw import Hashed, digest
from sync.run.work import Work
from sync.write.page import Arrival

AT_ONCE = 100
INVISIBLE = "Its whole project can no longer be seen by this account."


def take_named(work: Work, ids: Sequence[str]) -> list[Absent]:
    """Bring these items up to date. Returns what the tracker says of those that are not there."""
    absent: list[Absent] = []
    for first in range(0, len(ids), AT_ONCE):
        answer = work.connector.named(ids[first : first + AT_ONCE])
        if answer.records:
            page = Page(Stream.ITEMS, "", answer.records)
            work.take([Arrival(page, tuple(Hashed(raw, digest(raw.payload)) for raw in answer.records))])
        absent += answer.absent
        work.heed()
    return absent


def read_named(work: Work, ids: Sequence[str]) -> None:
    """What a webhook named, as the tracker has it. What is not there any more is observed, with its verdict."""
    absent = take_named(work, list(dict.fromkeys(ids)))
    kept = with_their_projects(work, absent)
    absent = [each for each in absent if each.external_id not in kept]
    if not absent:
        return

    def act(store: Connection) -> None:
        ours = _live(store, work.row.id, [each.external_id for each in absent])
        now = work.terms.clock()
        work.desk.missing.observe(store, Stream.ITEMS, ours, now)
        work.desk.missing.classify(store, [each for each in absent if each.external_id in ours], now)

    work.write(act)


def with_their_projects(work: Work, absent: Sequence[Absent]) -> set[str]:
    """Those that are archived with the whole project they are held in: no search finds them, and they stay with it."""
    archived = [each.external_id for each in absent if each.verdict is Verdict.ARCHIVED]
    if not archived:
        return set()
    searched = set(work.connector.slices(Stream.ITEMS))
    with work.access.reading() as store:
        homes = _live(store, work.row.id, archived)
    return {ident for ident, home in homes.items() if home is not None and home not in searched}


def judge(work: Work, absent: Sequence[Absent]) -> list[Absent]:
    """The verdicts with what is known of the items' projects: one whose project is out of sight was not deleted."""
    lost = [each.external_id for each in absent if each.verdict is Verdict.DELETED]
    if not lost:
        return list(absent)
    seen = set(work.connector.slices(Stream.ITEMS))
    with work.access.reading() as store:
        homes = _live(store, work.row.id, lost)
    return [
        Absent(each.external_id, Verdict.ACCESS_LOST, INVISIBLE)
        if each.verdict is Verdict.DELETED and homes.get(each.external_id) not in (None, *seen)
        else each
        for each in absent
    ]


def _live(store: Connection, connection_id: int, ids: Sequence[str]) -> dict[str, str | None]:
    """Those of the items that the portfolio holds as live, with the tracker's project they are in."""
    query = select(WorkItem.external_id, WorkItem.home).where(
        WorkItem.connection_id == connection_id, WorkItem.deleted_at.is_(None), WorkItem.external_id.in_(list(ids))
    )
    return dict(store.execute(query).all())
