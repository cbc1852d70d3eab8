"""How far each slice has been read. A cursor moves in the transaction of the page it speaks of, never before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from connector.protocol import Page, Stream
from portfolio.model.landing import Cursor
from portfolio.store.upsert import upsert
from sync.tables import table_of

_KEY = ["connection_id", "stream", "slice"]


class Reached(NamedTuple):
    """How far a slice has been read: where a broken pass goes on, and the mark of the last pass read to its end."""

    position: str | None
    mark: str | None
    next_mark: str | None
    completed_at: datetime | None


class Step(NamedTuple):
    """A page, and the slices that are at their end with the last one: its own, or all of a delta's.

    `resumable`: whether what follows can be read from its position; `resumed`: whether its pass was broken off before.
    """

    page: Page
    slices: tuple[str, ...]
    resumable: bool = True
    resumed: bool = False


def reached(store: Connection, connection_id: int, stream: Stream) -> dict[str, Reached]:
    """The cursors of a stream by slice."""
    query = select(Cursor.slice, Cursor.position, Cursor.mark, Cursor.next_mark, Cursor.completed_at).where(
        Cursor.connection_id == connection_id, Cursor.stream == stream.value
    )
    return {row[0]: Reached(*row[1:]) for row in store.execute(query)}


def advance(store: Connection, connection_id: int, run_id: int, steps: Iterable[Step], now: datetime) -> None:
    """Move the cursors of these pages' slices. The last page of a pass completes its slices.

    A pass that was broken off and is resumed keeps the mark of its beginning: what changed in the pages read before the
    break has to be read again. What cannot be resumed moves nothing before its end.
    """
    under_way: dict[str, dict[str, object]] = {}
    complete: dict[str, dict[str, object]] = {}
    begun: set[str] = set()
    stream: Stream | None = None
    for page, slices, resumable, resumed in steps:
        stream = page.stream
        row = {"connection_id": connection_id, "stream": page.stream.value, "position": page.position, "run_id": run_id}
        if resumed:
            begun.update(slices)
        if page.position is None:
            for name in slices:
                under_way.pop(name, None)
                complete[name] = {**row, "slice": name, "mark": page.mark, "next_mark": None, "completed_at": now}
        elif resumable:
            complete.pop(page.slice, None)
            under_way[page.slice] = {**row, "slice": page.slice, "next_mark": page.mark}
    if stream is None:
        return
    before = reached(store, connection_id, stream) if begun else {}
    for name in begun:
        mark = before[name].next_mark if name in before else None
        if mark is not None and name in complete:
            complete[name]["mark"] = mark
        if mark is not None and name in under_way:
            under_way[name]["next_mark"] = mark
    table = table_of(Cursor)
    upsert(store, table, list(under_way.values()), _KEY)
    upsert(store, table, list(complete.values()), _KEY)
