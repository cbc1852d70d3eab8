"""Changing persons while no run of their connections is under way: a run knows them already, and writes them again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection as Store
from sqlalchemy import select

from portfolio.model.landing import Connection
from portfolio.model.people import PersonIdentity
from portfolio.store.locks import Lock, exclusive
from sync.run.lease import Lease

_NO_RUN = 0
_CHUNK = 400


@contextmanager
def quiet(store: Store, persons: Collection[int], now: datetime) -> Iterator[None]:
    """Hold the connections of these persons' accounts, and everybody else off the persons. Raises `BusyError`."""
    found: dict[int, str] = {}
    some = sorted(persons)
    for first in range(0, len(some), _CHUNK):
        query = select(Connection.id, Connection.name).join(
            PersonIdentity, PersonIdentity.connection_id == Connection.id
        )
        theirs = query.where(PersonIdentity.person_id.in_(some[first : first + _CHUNK])).distinct()
        found |= {row.id: row.name for row in store.execute(theirs)}
    leases = [Lease(ident, name, _NO_RUN) for ident, name in sorted(found.items())]
    for lease in leases:
        lease.acquire(store, now)
    exclusive(store, Lock.PEOPLE)
    yield
    for lease in leases:
        lease.release(store)
