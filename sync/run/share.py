"""Slices of one run that several workers share: who reads which, and for how long.

Each slice of a shared run is a row. Whoever has time claims one that waits, or one whose reader was not heard of for
its term, and renews the claim with every write: that is the fence which keeps two from writing the same slice. What
became of a slice is left with it. A claim is worth nothing any more when its run has ended.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, exists, func, select, update

from portfolio.model.landing import SliceClaim
from portfolio.model.oversight import SyncRun
from portfolio.store.upsert import upsert
from sync.errors import LostLeaseError
from sync.run.lease import TERM, is_dead, this_process
from sync.run.runs import RUNNING
from sync.tables import table_of

WAITING, CLAIMED, DONE = "waiting", "claimed", "done"


class Claim(NamedTuple):
    """One reader's hold on one slice of a shared run."""

    run_id: int
    stream: str
    slice: str
    owner: str

    def renew(self, store: Connection, now: datetime) -> None:
        """Start the term anew, in the transaction that is to be written; raises `LostLeaseError` when it is not ours.

        It is lost, too, when the run has ended.
        """
        held = update(SliceClaim).where(self._own(), _is_running(self.run_id))
        if not store.execute(held.values(expires_at=now + TERM)).rowcount:
            raise LostLeaseError(f"slice {self.slice}")

    def finish(self, store: Connection, outcome: str | None) -> None:
        """Leave what became of the slice, in the words of the caller; raises `LostLeaseError` when it is not ours."""
        done = update(SliceClaim).where(self._own(), _is_running(self.run_id))
        if not store.execute(done.values(state=DONE, expires_at=None, outcome=outcome)).rowcount:
            raise LostLeaseError(f"slice {self.slice}")

    def give_back(self, store: Connection) -> None:
        """Let another read it, if it is still ours."""
        store.execute(update(SliceClaim).where(self._own()).values(state=WAITING, owner=None, expires_at=None))

    def _own(self) -> ColumnElement[bool]:
        named = (SliceClaim.run_id == self.run_id) & (SliceClaim.stream == self.stream)
        return named & (SliceClaim.slice == self.slice) & (SliceClaim.owner == self.owner) & _CLAIMED


class Finished(NamedTuple):
    """A slice that has been read, by whom, and what became of it."""

    slice: str
    owner: str
    outcome: str | None


_CLAIMED = SliceClaim.state == CLAIMED


def new_owner() -> str:
    """A name for one reader: no two have the same, not even in one process."""
    return f"{secrets.token_hex(4)} {this_process()}"


def offer(store: Connection, run_id: int, stream: str, slices: Sequence[str]) -> None:
    """Let others read slices of a run. Those offered before stay as they are."""
    rows = [{"run_id": run_id, "stream": stream, "slice": name} for name in slices]
    upsert(store, table_of(SliceClaim), rows, ["run_id", "stream", "slice"], update=[])


def claim(store: Connection, run_id: int, owner: str, now: datetime) -> Claim | None:
    """Take a slice of a run that nobody reads, or whose reader is not heard of any more. None when there is none.

    None, too, when the run has ended.
    """
    ours = (SliceClaim.run_id == run_id, _is_running(run_id))
    free = (SliceClaim.state == WAITING) | (_CLAIMED & (SliceClaim.expires_at <= now))
    orphaned = _CLAIMED & SliceClaim.owner.in_(_dead_owners(store, run_id))
    # PostgreSQL hands each of those who ask at once another row; SQLite lets one ask after the other.
    query = select(SliceClaim.stream, SliceClaim.slice).where(*ours, free | orphaned)
    found = store.execute(
        query.order_by(SliceClaim.slice).limit(1).with_for_update(skip_locked=True, of=SliceClaim)
    ).first()
    if found is None:
        return None
    taken = Claim(run_id, found.stream, found.slice, owner)
    row = (SliceClaim.run_id == run_id, SliceClaim.stream == taken.stream, SliceClaim.slice == taken.slice)
    store.execute(update(SliceClaim).where(*row).values(state=CLAIMED, owner=owner, expires_at=now + TERM))
    return taken


def unfinished(store: Connection, run_id: int) -> int:
    """How many slices of the run are not done yet, whoever reads them."""
    query = select(func.count()).where(SliceClaim.run_id == run_id, SliceClaim.state != DONE)
    return store.scalar(query) or 0


def finished(store: Connection, run_id: int) -> tuple[Finished, ...]:
    """The slices of the run that are done."""
    query = select(SliceClaim.slice, SliceClaim.owner, SliceClaim.outcome)
    done = query.where(SliceClaim.run_id == run_id, SliceClaim.state == DONE).order_by(SliceClaim.slice)
    return tuple(Finished(row.slice, row.owner or "", row.outcome) for row in store.execute(done))


def _is_running(run_id: int) -> ColumnElement[bool]:
    return exists().where(SyncRun.id == run_id, SyncRun.state == RUNNING)


def _dead_owners(store: Connection, run_id: int) -> list[str]:
    query = select(SliceClaim.owner).where(SliceClaim.run_id == run_id, _CLAIMED).distinct()
    return [owner for owner in store.scalars(query) if owner and is_dead(owner.partition(" ")[2])]
