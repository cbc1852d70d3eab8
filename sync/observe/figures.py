"""Figures of the syncing for a monitoring system, read from the database, so that they are those of all processes.

A connection is told by its id and its kind of tracker: no name is in any figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection as Store
from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from portfolio.model.landing import Absence, Connection, Delivery, Hold, Quarantine, RateBudget
from portfolio.model.oversight import SyncRun, SyncRunStream
from portfolio.store.engine import reading
from sync.hooks import deliveries
from sync.modes import Mode
from sync.run.runs import ENDED_WELL, RUNNING

COUNTER, GAUGE = "counter", "gauge"
OUTCOMES = ("unchanged", "created", "updated", "quarantined", "retired")
_OWN = ("connection", "tracker")
_KEY = (Connection.id, Connection.tracker)


class Figure(NamedTuple):
    """One figure with a sample for each combination of its labels' values. `kind`: counter or gauge."""

    name: str
    about: str
    kind: str
    labels: tuple[str, ...]
    samples: tuple[tuple[tuple[str, ...], float], ...]


def figures(engine: Engine, now: datetime) -> tuple[Figure, ...]:
    """All figures as of now, of one moment of the database."""
    with reading(engine) as store:
        return tuple(make(store, now) for make in _FIGURES)


def _runs(store: Store, _now: datetime) -> Figure:
    query = select(*_KEY, SyncRun.mode, SyncRun.state, func.count()).join(
        SyncRun, SyncRun.connection_id == Connection.id
    )
    rows = store.execute(query.where(SyncRun.state != RUNNING).group_by(*_KEY, SyncRun.mode, SyncRun.state)).all()
    about = "Runs that came to an end."
    return Figure("sightline_runs", about, COUNTER, (*_OWN, "mode", "state"), _samples(rows))


def _running(store: Store, _now: datetime) -> Figure:
    running = (SyncRun.connection_id == Connection.id) & (SyncRun.state == RUNNING)
    query = select(*_KEY, func.count(SyncRun.id)).outerjoin(SyncRun, running).group_by(*_KEY)
    return Figure("sightline_runs_under_way", "Runs under way.", GAUGE, _OWN, _samples(store.execute(query).all()))


def _seconds(store: Store, _now: datetime) -> Figure:
    last = select(func.max(SyncRun.id)).where(SyncRun.finished_at.is_not(None))
    query = select(*_KEY, SyncRun.mode, SyncRun.started_at, SyncRun.finished_at).join(
        SyncRun, SyncRun.connection_id == Connection.id
    )
    rows = store.execute(query.where(SyncRun.id.in_(last.group_by(SyncRun.connection_id, SyncRun.mode))))
    spans = [(ident, tracker, mode, (end - start).total_seconds()) for ident, tracker, mode, start, end in rows if end]
    about = "How long the last run of each mode took."
    return Figure("sightline_last_run_seconds", about, GAUGE, (*_OWN, "mode"), _samples(spans))


def _age(store: Store, now: datetime) -> Figure:
    query = select(*_KEY, func.max(SyncRun.finished_at)).join(SyncRun, SyncRun.connection_id == Connection.id)
    read = query.where(SyncRun.state.in_(ENDED_WELL), SyncRun.mode != Mode.REMAP.value)
    rows = store.execute(read.group_by(*_KEY))
    ages = [(ident, tracker, (now - ended).total_seconds()) for ident, tracker, ended in rows if ended]
    about = "Time since the last run that ended well; none where none ever did."
    return Figure("sightline_last_success_age_seconds", about, GAUGE, _OWN, _samples(ages))


def _records(store: Store, _now: datetime) -> Figure:
    sums = [func.sum(getattr(SyncRunStream, outcome)) for outcome in OUTCOMES]
    query = (
        select(*_KEY, SyncRunStream.stream, *sums)
        .join(SyncRun, SyncRun.connection_id == Connection.id)
        .join(SyncRunStream, SyncRunStream.run_id == SyncRun.id)
        .group_by(*_KEY, SyncRunStream.stream)
    )
    rows = [
        (ident, tracker, stream, outcome, count)
        for ident, tracker, stream, *counts in store.execute(query)
        for outcome, count in zip(OUTCOMES, counts, strict=True)
    ]
    about = "Records by what became of them."
    return Figure("sightline_records", about, COUNTER, (*_OWN, "stream", "outcome"), _samples(rows))


def _counted(name: str, about: str, count: Select[int]) -> Callable[[Store, datetime], Figure]:
    query = select(*_KEY, count.scalar_subquery())

    def make(store: Store, _now: datetime) -> Figure:
        return Figure(name, about, GAUGE, _OWN, _samples(store.execute(query).all()))

    return make


def _budget(
    name: str,
    about: str,
    column: InstrumentedAttribute[float] | InstrumentedAttribute[int],
    read: Callable[[float, float], float] = lambda value, _now: value,
) -> Callable[[Store, datetime], Figure]:
    query = select(*_KEY, column).join(RateBudget, RateBudget.connection_id == Connection.id)

    def make(store: Store, now: datetime) -> Figure:
        rows = [(ident, tracker, read(value, now.timestamp())) for ident, tracker, value in store.execute(query)]
        return Figure(name, about, GAUGE, _OWN, _samples(rows))

    return make


def _samples(rows: Iterable[Iterable[object]]) -> tuple[tuple[tuple[str, ...], float], ...]:
    split = [tuple(row) for row in rows]
    return tuple((tuple(str(part) for part in row[:-1]), float(row[-1] or 0)) for row in split)  # type: ignore[arg-type]


def _of(model: type[Absence] | type[Delivery] | type[Hold] | type[Quarantine]) -> Select[int]:
    return select(func.count()).select_from(model).where(model.connection_id == Connection.id).correlate(Connection)


_FIGURES: tuple[Callable[[Store, datetime], Figure], ...] = (
    _runs,
    _running,
    _seconds,
    _age,
    _records,
    _counted("sightline_quarantined_records", "Records that wait in quarantine.", _of(Quarantine)),
    _counted(
        "sightline_waiting_deliveries",
        "Notices of trackers whose things are not fetched yet.",
        _of(Delivery).where(Delivery.state == deliveries.WAITING),
    ),
    _counted(
        "sightline_missing_records",
        "Records that are missing and not retired yet.",
        _of(Absence).where(Absence.applied_at.is_(None)),
    ),
    _counted(
        "sightline_holds",
        "1 where missing records wait for a person's word.",
        _of(Hold).where(Hold.decision.is_(None)),
    ),
    _budget("sightline_rate_gap_seconds", "Seconds between two requests.", RateBudget.gap_s),
    _budget("sightline_rate_width", "Requests at once in a process; 0: not limited.", RateBudget.width),
    _budget(
        "sightline_rate_held_seconds",
        "Seconds until requests go on.",
        RateBudget.free_at,
        lambda free_at, now: max(0.0, free_at - now),
    ),
)
