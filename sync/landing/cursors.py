"""How far each slice has been read. A cursor moves in the transaction of the page it speaks of, never before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    """A page, and the slices that are at its end with its last page: its own, or all of a delta's."""

    page: Page
    slices: tuple[str, ...]


def reached(store: Connection, connection_id: int, stream: Stream) -> dict[str, Reached]:
    """The cursors of a stream by slice."""
    query = select(Cursor.slice, Cursor.position, Cursor.mark, Cursor.next_mark, Cursor.completed_at).where(
        Cursor.connection_id == connection_id, Cursor.stream == stream.value
    )
    return {row[0]: Reached(*row[1:]) for row in store.execute(query)}


def advance(
    store: Connection,
    connection_id: int,
    run_id: int,
    steps: Iterable[Step],
    now: datetime,
    resumed: Sequence[str] = (),
) -> None:
    """Move the cursors of these pages' slices. The last page of a pass completes its slices.

    A pass that was broken off and is resumed keeps the mark of its beginning: what changed in the pages read before the
    break has to be read again. `resumed` names the slices of such passes. A delta's earlier pages move nothing: it
    cannot be resumed.
    """
    under_way: dict[str, dict[str, object]] = {}
    complete: dict[str, dict[str, object]] = {}
    stream: Stream | None = None
    for page, slices in steps:
        stream = page.stream
        row: dict[str, object] = {
            "connection_id": connection_id,
            "stream": page.stream.value,
            "position": page.position,
            "run_id": run_id,
        }
        if page.position is None:
            for name in slices:
                under_way.pop(name, None)
                complete[name] = {**row, "slice": name, "mark": page.mark, "next_mark": None, "completed_at": now}
        elif slices == (page.slice,):
            complete.pop(page.slice, None)
            under_way[page.slice] = {**row, "slice": page.slice, "next_mark": page.mark}
    if stream is None:
        return
    kept = reached(store, connection_id, stream) if resumed else {}
    for name in resumed:
        before = kept.get(name)
        if before is not None and before.next_mark is not None:
            if name in complete:
                complete[name]["mark"] = before.next_mark
            if name in under_way:
                under_way[name]["next_mark"] = before.next_mark
    table = table_of(Cursor)
    upsert(store, table, list(under_way.values()), _KEY)
    upsert(store, table, list(complete.values()), _KEY)
