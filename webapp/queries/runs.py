"""Runs of connections, the streams of one run, and the parts that could not be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.oversight import SyncRun, SyncRunStream
from webapp.tables import Paging

_CONNECTION = ConnectionRow.__table__
_RUN = SyncRun.__table__
_STREAM = SyncRunStream.__table__
PART_END = " | "
"""What stands between the parts of a stream's note."""

_COUNTS = (
    _STREAM.c.fetched,
    _STREAM.c.unchanged,
    _STREAM.c.created,
    _STREAM.c.updated,
    _STREAM.c.retired,
    _STREAM.c.quarantined,
)


@dataclass(frozen=True)
class Counts:
    """Records of one stream, or of a whole run."""

    fetched: int
    unchanged: int
    created: int
    updated: int
    retired: int
    quarantined: int


@dataclass(frozen=True)
class RunLine:
    """One run with the sums over its streams. `cancel_by` names who asked it to stop."""

    id: int
    connection_id: int
    connection: str
    tracker: str
    mode: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    error: str | None
    cause: str
    cancel_by: str | None
    counts: Counts

    @property
    def seconds(self) -> float | None:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


@dataclass(frozen=True)
class StreamLine:
    """One stream of a run. `note` says what could not be had and why; `slices_done` of its `slices` are read."""

    stream: str
    counts: Counts
    note: str | None
    slices: int
    slices_done: int

    @property
    def parts(self) -> tuple[str, ...]:
        """The note, part by part."""
        return tuple(self.note.split(PART_END)) if self.note else ()

    @property
    def percent(self) -> int:
        """How much of the slices is read, rounded down: 100 is the end."""
        return 100 * min(self.slices_done, self.slices) // self.slices if self.slices else 0


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


def _counts(row: Mapping[Any, Any]) -> Counts:
    return Counts(*(int(row[column.name]) for column in _COUNTS))


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
            row.cause,
            row.cancel_by,
            _counts(row._mapping),
        )
        for row in connection.execute(statement)
    )


def _where(connection_id: int | None, mode: str | None) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    if connection_id is not None:
        parts.append(_RUN.c.connection_id == connection_id)
    if mode is not None:
        parts.append(_RUN.c.mode == mode)
    return parts


def count_runs(connection: Connection, connection_id: int | None, mode: str | None) -> int:
    """How many runs there are, of one connection or of all, of one mode or of all."""
    return int(connection.scalar(select(func.count()).select_from(_RUN).where(*_where(connection_id, mode))) or 0)


def list_runs(
    connection: Connection, connection_id: int | None, mode: str | None, paging: Paging
) -> tuple[RunLine, ...]:
    """One page of runs, newest first."""
    statement = _runs().where(*_where(connection_id, mode)).order_by(_RUN.c.started_at.desc(), _RUN.c.id.desc())
    return _lines(connection, statement.limit(paging.size).offset(paging.offset))


def running(connection: Connection) -> tuple[RunLine, ...]:
    """The runs under way, those that began first at the top."""
    return _lines(connection, _runs().where(_RUN.c.state == "running").order_by(_RUN.c.started_at, _RUN.c.id))


def find_run(connection: Connection, run_id: int) -> RunLine | None:
    """One run, None when there is none of that id."""
    lines = _lines(connection, _runs().where(_RUN.c.id == run_id))
    return lines[0] if lines else None


def streams_of(connection: Connection, run_id: int) -> tuple[StreamLine, ...]:
    """The streams of a run, those with the most records first."""
    rows = connection.execute(
        select(_STREAM).where(_STREAM.c.run_id == run_id).order_by(_STREAM.c.fetched.desc(), _STREAM.c.stream)
    )
    return tuple(StreamLine(row.stream, _counts(row._mapping), row.note, row.slices, row.slices_done) for row in rows)


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


@dataclass(frozen=True)
class Newest:
    """The newest run of one mode of a connection."""

    id: int
    state: str
    started_at: datetime


def newest_by_mode(connection: Connection) -> dict[int, dict[str, Newest]]:
    """The newest run of each mode, by connection."""
    newest = select(func.max(_RUN.c.id)).group_by(_RUN.c.connection_id, _RUN.c.mode)
    rows = connection.execute(
        select(_RUN.c.connection_id, _RUN.c.mode, _RUN.c.id, _RUN.c.state, _RUN.c.started_at)
        .where(_RUN.c.id.in_(newest))
        .order_by(_RUN.c.id)
    )
    found: dict[int, dict[str, Newest]] = defaultdict(dict)
    for connection_id, mode, *rest in rows:
        found[connection_id][mode] = Newest(*rest)
    return dict(found)
