"""What one process at a time does, of no connection: a lease on the duty, as runs have one on their connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from portfolio.model.oversight import DutyLease
from portfolio.store.engine import writing
from portfolio.store.errors import StoreError
from portfolio.store.upsert import upsert
from sync.errors import LostLeaseError
from sync.run.lease import TERM, Heartbeat, is_dead, this_process
from sync.tables import table_of

_NOBODY_SINCE = timedelta(days=1)


class Duty(NamedTuple):
    """One process's hold on a duty. `holder` tells it from others, in other threads of the same process too."""

    name: str
    holder: str

    def renew(self, store: Connection, now: datetime) -> None:
        """Start the term anew, in the transaction to be written; raises `LostLeaseError` when it is not ours."""
        own = (DutyLease.duty == self.name, DutyLease.owner == self.holder)
        if not store.execute(update(DutyLease).where(*own).values(expires_at=now + TERM)).rowcount:
            raise LostLeaseError(self.name)


@contextmanager
def on_duty(engine: Engine, name: str, clock: Callable[[], datetime]) -> Iterator[Duty | None]:
    """Hold a duty inside the `with` block; None when somebody else does."""
    duty = Duty(name, this_process())
    with writing(engine) as store:
        taken = _take(store, duty, clock())
    if not taken:
        yield None
        return
    try:
        with Heartbeat(engine, duty, clock):
            yield duty
    finally:
        # A database that is away keeps others waiting for the term, and no longer.
        with suppress(SQLAlchemyError, StoreError), writing(engine) as store:
            store.execute(delete(DutyLease).where(DutyLease.duty == name, DutyLease.owner == duty.holder))


def _take(store: Connection, duty: Duty, now: datetime) -> bool:
    free = {"duty": duty.name, "owner": "", "expires_at": now - _NOBODY_SINCE}
    upsert(store, table_of(DutyLease), [free], ["duty"], update=[])
    owner, expires_at = store.execute(
        select(DutyLease.owner, DutyLease.expires_at).where(DutyLease.duty == duty.name).with_for_update()
    ).one()
    if expires_at > now and not is_dead(owner):
        return False
    mine = update(DutyLease).where(DutyLease.duty == duty.name)
    store.execute(mine.values(owner=duty.holder, expires_at=now + TERM))
    return True
