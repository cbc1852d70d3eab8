"""Previews as rows: asked for on a page, taken up by whichever process has a thread, told of while they run, kept.

A page or a command only writes the wish down. A preview that a dead process left is taken up by another: its beat is
old. What was found belongs to one revision of a draft; a draft that has moved on needs another preview.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, and_, insert, or_, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.mapping import MappingPreview
from portfolio.store.engine import writing
from portfolio.store.locks import Lock, exclusive
from sync.preview.result import Result, decode, encode
from sync.tables import table_of

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
# A process that was not heard of for so long is dead.
DEAD_AFTER = timedelta(seconds=30)

_ROW = table_of(MappingPreview)


class Preview(NamedTuple):
    """A preview as it stands: `done` of `total` records are looked at. `result` only when it is done."""

    id: int
    version_id: int
    revision: int
    state: str
    done: int
    total: int
    asked_by: str
    asked_at: datetime
    beat_at: datetime | None
    finished_at: datetime | None
    cancel_by: str | None
    error: str | None
    result: Result | None

    @property
    def under_way(self) -> bool:
        """Whether there is something to wait for."""
        return self.state in (WAITING, RUNNING)


def ask(engine: Engine, version_id: int, revision: int, name: str, now: datetime, by: Actor) -> int:
    """Ask for a preview of a revision of a draft and return its id; one of it that is under way is the same wish.

    `name` is what the pages call whoever asks. Those of earlier revisions are asked to stop: nobody waits for them.
    """
    with writing(engine) as store:
        # Two who ask at the same moment get one.
        exclusive(store, Lock.MAPPING)
        going = (_ROW.c.version_id == version_id, _ROW.c.state.in_((WAITING, RUNNING)))
        same = select(_ROW.c.id).where(*going, _ROW.c.revision == revision, _ROW.c.cancel_by.is_(None))
        known: int | None = store.scalar(same.order_by(_ROW.c.id).limit(1))
        if known is not None:
            return known
        _stop(store, and_(*going, _ROW.c.revision < revision), name, now)
        row = {"version_id": version_id, "revision": revision, "state": WAITING, "asked_by": name, "asked_at": now}
        preview_id: int = store.execute(insert(_ROW).values(**row).returning(_ROW.c.id)).scalar_one()
        append(store, now, by, "preview.requested", Subject("mapping_version", version_id), new={"revision": revision})
        return preview_id


def find(store: Connection, preview_id: int) -> Preview | None:
    """A preview by its id."""
    return _first(store, _ROW.c.id == preview_id)


def newest(store: Connection, version_id: int, revision: int | None = None) -> Preview | None:
    """The newest preview of a version, or of one revision of it."""
    own = _ROW.c.version_id == version_id
    return _first(store, own if revision is None else and_(own, _ROW.c.revision == revision))


def cancel(engine: Engine, preview_id: int, name: str, now: datetime, by: Actor) -> bool:
    """Ask a preview to stop; it does within a second or two. False when it has ended already."""
    with writing(engine) as store:
        asked = _stop(store, _ROW.c.id == preview_id, name, now)
        if asked:
            append(store, now, by, "preview.stop_requested", Subject("mapping_preview", preview_id))
        return asked


def waiting(store: Connection, now: datetime) -> tuple[int, ...]:
    """The previews nobody is at, the longest waiting first."""
    return tuple(store.scalars(select(_ROW.c.id).where(_free(now)).order_by(_ROW.c.id)))


def take(engine: Engine, preview_id: int, now: datetime) -> Preview | None:
    """Take a preview up. None when somebody else was faster, or when it is to stop."""
    with writing(engine) as store:
        started = {"state": RUNNING, "beat_at": now, "done": 0, "total": 0}
        # One that was asked to stop when its process died has nobody left to end it.
        own = (_ROW.c.id == preview_id, _free(now))
        unwanted = update(_ROW).where(*own, _ROW.c.cancel_by.is_not(None))
        store.execute(unwanted.values(state=CANCELLED, finished_at=now))
        taken = store.execute(update(_ROW).where(*own).values(**started)).rowcount
        return find(store, preview_id) if taken else None


def beat(store: Connection, preview_id: int, now: datetime, done: int, total: int) -> str | None:
    """Tell how far it is. Returns who asked it to stop, if somebody did."""
    own = (_ROW.c.id == preview_id, _ROW.c.state == RUNNING)
    going = update(_ROW).where(*own).values(beat_at=now, done=done, total=total).returning(_ROW.c.cancel_by)
    row = store.execute(going).one_or_none()
    return row[0] if row is not None else "another process, which took it up"


def put_back(engine: Engine, preview_id: int) -> None:
    """Have a preview that was taken up and not ended wait again."""
    with writing(engine) as store:
        own = (_ROW.c.id == preview_id, _ROW.c.state == RUNNING)
        store.execute(update(_ROW).where(*own).values(state=WAITING, beat_at=None))


def finish(
    engine: Engine,
    preview_id: int,
    state: str,
    now: datetime,
    *,
    result: Result | None = None,
    error: str | None = None,
) -> None:
    """End a preview. `error` is one line, safe to show."""
    text = encode(result) if result is not None else None
    with writing(engine) as store:
        own = (_ROW.c.id == preview_id, _ROW.c.state == RUNNING)
        ended = update(_ROW).where(*own).values(state=state, finished_at=now, error=error, result=text)
        store.execute(ended if result is None else ended.values(done=result.items, total=result.items))


def _stop(store: Connection, which: ColumnElement[bool], name: str, now: datetime) -> bool:
    """End those that nobody is at; ask the others to."""
    idle = update(_ROW).where(which, _free(now)).values(state=CANCELLED, finished_at=now, cancel_by=name)
    going = update(_ROW).where(which, _ROW.c.state == RUNNING, _ROW.c.cancel_by.is_(None)).values(cancel_by=name)
    return store.execute(idle).rowcount + store.execute(going).rowcount > 0


def _free(now: datetime) -> ColumnElement[bool]:
    dead = and_(_ROW.c.state == RUNNING, _ROW.c.beat_at < now - DEAD_AFTER)
    return or_(_ROW.c.state == WAITING, dead)


def _first(store: Connection, which: ColumnElement[bool]) -> Preview | None:
    row = store.execute(select(_ROW).where(which).order_by(_ROW.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    known = row._mapping
    values = {name: known[name] for name in Preview._fields}
    return Preview(**(values | {"result": decode(row.result) if row.result is not None else None}))
