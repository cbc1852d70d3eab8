"""Runs of connections, the streams of one run, and the parts that could not be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, func, select

from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.oversight import SyncRun, SyncRunStream
from webapp.tables import Paging

_CONNECTION = ConnectionRow.__table__
_RUN = SyncRun.__table__
_STREAM = SyncRunStream.__table__
PART_END = " | "
"""What stands between the parts of a stream's note."""

_COUNTS = (_STREAM.c.fetched, _STREAM.c.unchanged, _STREAM.c.created, _STREAM.c.updated, _STREAM.c.quarantined)


@dataclass(frozen=True)
class Counts:
    """Records of one stream, or of a whole run."""

    fetched: int
    unchanged: int
    created: int
    updated: int
    quarantined: int


@dataclass(frozen=True)
class RunLine:
    """One run with the sums over its streams."""

    id: int
    connection_id: int
    connection: str
    tracker: str
    mode: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    error: str | None
    counts: Counts

    @property
    def seconds(self) -> float | None:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


@dataclass(frozen=True)
class StreamLine:
    """One stream of a run. `note` says what could not be had and why."""

    stream: str
    counts: Counts
    note: str | None

    @property
    def parts(self) -> tuple[str, ...]:
        """The note, part by part."""
        return tuple(self.note.split(PART_END)) if self.note else ()


@dataclass(frozen=True)
class Gap:
    """One part of a run that could not be read: why, and what to do."""

    stream: str
    said: str


def _runs() -> Select[tuple[object, ...]]:
    sums = (
        select(_STREAM.c.run_id, *(func.sum(column).label(column.name) for column in _COUNTS))
        .group_by(_STREAM.c.run_id)
        .subquery()
    )
    totals = (func.coalesce(sums.c[column.name], 0).label(column.name) for column in _COUNTS)
    return (
        select(_RUN, _CONNECTION.c.name, _CONNECTION.c.tracker, *totals)
        .join(_CONNECTION, _CONNECTION.c.id == _RUN.c.connection_id)
        .outerjoin(sums, sums.c.run_id == _RUN.c.id)
    )


def _lines(connection: Connection, statement: Select[tuple[object, ...]]) -> tuple[RunLine, ...]:
    return tuple(
        RunLine(
            row.id,
            row.connection_id,
            row.name,
            row.tracker,
            row.mode,
            row.state,
            row.started_at,
            row.finished_at,
            row.error,
            Counts(*(int(row._mapping[column.name]) for column in _COUNTS)),
        )
        for row in connection.execute(statement)
    )


def count_runs(connection: Connection, connection_id: int | None) -> int:
    """How many runs there are, of one connection or of all."""
    statement = select(func.count()).select_from(_RUN)
    if connection_id is not None:
        statement = statement.where(_RUN.c.connection_id == connection_id)
    return int(connection.scalar(statement) or 0)


def list_runs(connection: Connection, connection_id: int | None, paging: Paging) -> tuple[RunLine, ...]:
    """One page of runs, newest first."""
    statement = _runs().order_by(_RUN.c.started_at.desc(), _RUN.c.id.desc())
    if connection_id is not None:
        statement = statement.where(_RUN.c.connection_id == connection_id)
    return _lines(connection, statement.limit(paging.size).offset(paging.offset))


def find_run(connection: Connection, run_id: int) -> RunLine | None:
    """One run, None when there is none of that id."""
    lines = _lines(connection, _runs().where(_RUN.c.id == run_id))
    return lines[0] if lines else None


def streams_of(connection: Connection, run_id: int) -> tuple[StreamLine, ...]:
    """The streams of a run, those with the most records first."""
    rows = connection.execute(
        select(_STREAM).where(_STREAM.c.run_id == run_id).order_by(_STREAM.c.fetched.desc(), _STREAM.c.stream)
    )
    return tuple(
        StreamLine(row.stream, Counts(row.fetched, row.unchanged, row.created, row.updated, row.quarantined), row.note)
        for row in rows
    )


def gaps_of(connection: Connection, run_ids: Collection[int]) -> dict[int, tuple[Gap, ...]]:
    """What each of the runs could not read, in one query."""
    rows = connection.execute(
        select(_STREAM.c.run_id, _STREAM.c.stream, _STREAM.c.note)
        .where(_STREAM.c.run_id.in_(run_ids), _STREAM.c.note.is_not(None))
        .order_by(_STREAM.c.run_id, _STREAM.c.fetched.desc(), _STREAM.c.stream)
    )
    found: dict[int, list[Gap]] = defaultdict(list)
    for run_id, stream, note in rows:
        found[run_id] += (Gap(stream, said) for said in note.split(PART_END))
    return {run_id: tuple(gaps) for run_id, gaps in found.items()}


def connection_names(connection: Connection) -> tuple[tuple[int, str], ...]:
    """Ids and names of all connections, for the filter."""
    rows = connection.execute(select(_CONNECTION.c.id, _CONNECTION.c.name).order_by(_CONNECTION.c.name))
    return tuple((row.id, row.name) for row in rows)
