"""Removing what has been kept long enough. Nothing that a figure, or the next run, rests on is ever removed here.

What stays whatever its age: items and their history, landed payloads, the newest run of each mode of a connection and
the newest that ended well, runs that a hold or a quarantined record speaks of, and whatever is under way or waits to be
fetched. Figures of single persons are not kept as series, so there are none to remove.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Engine, delete, func, select

from portfolio.audit.append import append
from portfolio.audit.entry import Actor
from portfolio.audit.trim import trim
from portfolio.model.access import ApiToken
from portfolio.model.landing import Delivery, Hold, Quarantine, RunRequest, SliceClaim
from portfolio.model.mapping import MappingPreview
from portfolio.model.oversight import SyncRun, SyncRunStream
from portfolio.organisation import Retention, read_settings
from portfolio.store.engine import reading, writing
from sync.hooks import deliveries
from sync.run.runs import ENDED_WELL, RUNNING

AT_ONCE = 1_000
"""Rows of one transaction."""
DEAD_TOKENS_KEPT = timedelta(days=90)
"""An expired or revoked token stands in its owner's list for so long."""
PREVIEWS_KEPT = timedelta(days=30)
"""What an earlier state of a draft would have done is of no use for longer."""
MONTH = timedelta(days=365.25 / 12)


class Removed(NamedTuple):
    """How many rows of each kind were removed, or would be."""

    audit_entries: int = 0
    runs: int = 0
    run_requests: int = 0
    deliveries: int = 0
    tokens: int = 0
    previews: int = 0


def retain(
    engine: Engine,
    now: datetime,
    by: Actor,
    *,
    dry_run: bool = False,
    stop: Callable[[], str | None] = lambda: None,
) -> Removed:
    """Remove what the organisation's retention does not ask to keep, some rows in each transaction.

    `stop` is asked between two of them; what was removed stays removed, and the rest goes the next time. With
    `dry_run` all is done, counted and undone, in one transaction.
    """
    if dry_run:
        return _rehearsed(engine, now, by)
    total = Removed()
    for part in _parts(engine, now, by):
        while stop() is None:
            with writing(engine) as store:
                done = part(store)
            total = _sum(total, done)
            if not any(done):
                break
    return total


Part = Callable[[Connection], Removed]


class _Undone(Exception):
    """Rolls a rehearsal back."""


def _rehearsed(engine: Engine, now: datetime, by: Actor) -> Removed:
    total = Removed()
    parts = list(_parts(engine, now, by))
    try:
        with writing(engine) as store:
            for part in parts:
                while any(done := part(store)):
                    total = _sum(total, done)
            raise _Undone
    except _Undone:
        return total


def _parts(engine: Engine, now: datetime, by: Actor) -> Iterator[Part]:
    with reading(engine) as store:
        kept = read_settings(store, Retention)
    audit_from, runs_from = now - kept.audit_months * MONTH, now - kept.run_months * MONTH
    yield lambda store: Removed(audit_entries=trim(store, audit_from, now, by, AT_ONCE))
    yield lambda store: _noted(store, now, by, Removed(runs=_runs(store, runs_from)))
    yield lambda store: _noted(store, now, by, Removed(run_requests=_requests(store, runs_from)))
    # A delivery names things and nobody, and goes within days: that is no news for the audit log.
    yield lambda store: Removed(deliveries=_deliveries(store, now - deliveries.KEPT))
    yield lambda store: _noted(store, now, by, Removed(tokens=_tokens(store, now - DEAD_TOKENS_KEPT)))
    # They can be had again at any time, which is no news either.
    yield lambda store: Removed(previews=_previews(store, now - PREVIEWS_KEPT))


def _noted(store: Connection, now: datetime, by: Actor, done: Removed) -> Removed:
    if any(done):
        told = {name: number for name, number in done._asdict().items() if number}
        append(store, now, by, "retention.removed", new=told)
    return done


def _sum(one: Removed, other: Removed) -> Removed:
    return Removed(*(a + b for a, b in zip(one, other, strict=True)))


def _runs(store: Connection, before: datetime) -> int:
    """Remove runs that ended before an instant, with their figures, unless something still speaks of them."""
    kept = (
        select(func.max(SyncRun.id)).group_by(SyncRun.connection_id, SyncRun.mode),
        select(func.max(SyncRun.id)).where(SyncRun.state.in_(ENDED_WELL)).group_by(SyncRun.connection_id, SyncRun.mode),
        select(Hold.run_id),
        select(Quarantine.run_id).where(Quarantine.run_id.is_not(None)),
    )
    old = (SyncRun.finished_at < before, SyncRun.state != RUNNING, *(SyncRun.id.not_in(query) for query in kept))
    ids = store.scalars(select(SyncRun.id).where(*old).order_by(SyncRun.id).limit(AT_ONCE)).all()
    for column in (SliceClaim.run_id, SyncRunStream.run_id, SyncRun.id):
        store.execute(delete(column.class_).where(column.in_(ids)))
    return len(ids)


def _requests(store: Connection, before: datetime) -> int:
    """Remove requests for runs that nobody took up: their connections are switched off."""
    return store.execute(delete(RunRequest).where(RunRequest.asked_at < before)).rowcount


def _deliveries(store: Connection, before: datetime) -> int:
    done = (Delivery.state == deliveries.DONE, Delivery.done_at < before)
    ids = store.scalars(select(Delivery.id).where(*done).limit(AT_ONCE)).all()
    store.execute(delete(Delivery).where(Delivery.id.in_(ids)))
    return len(ids)


def _previews(store: Connection, before: datetime) -> int:
    ids = store.scalars(select(MappingPreview.id).where(MappingPreview.finished_at < before).limit(AT_ONCE)).all()
    store.execute(delete(MappingPreview).where(MappingPreview.id.in_(ids)))
    return len(ids)


def _tokens(store: Connection, before: datetime) -> int:
    """Remove tokens that have not worked for a while."""
    dead = (ApiToken.expires_at < before) | (ApiToken.revoked_at < before)
    return store.execute(delete(ApiToken).where(dead)).rowcount
