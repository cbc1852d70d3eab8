"""The accounts of a connection whose humans were erased, and what is kept of them instead.

A tracker goes on telling their names for as long as it has them. What comes is given the pseudonym before it is read or
kept, and is recognised as unchanged by the hash of what the tracker sent.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection as Store
from sqlalchemy import select

from connector.protocol import RawRecord
from connector.pseudonyms import Shape, rename
from connector.records import PersonRecord
from connector.registry import account_shape
from portfolio.model.landing import Connection
from portfolio.model.people import Erasure


def pseudonym(person_id: int) -> str:
    """What an erased person is called."""
    return f"Person {person_id}"


class Pseudonyms:
    """The erased accounts of one connection. Costs one query for all others."""

    def __init__(self, store: Store, connection_id: int) -> None:
        erased = select(Erasure.external_id, Erasure.person_id).where(Erasure.connection_id == connection_id)
        self._names = {ident: pseudonym(person_id) for ident, person_id in store.execute(erased)}
        tracker = store.scalar(select(Connection.tracker).where(Connection.id == connection_id)) if self._names else ""
        self._shape = account_shape(tracker or "") if self._names else Shape()

    def payload(self, raw: RawRecord) -> RawRecord:
        """The record with its payload under pseudonyms; the same one where it names nobody erased."""
        if not self._names:
            return raw
        renamed = rename(raw.payload, self._names, self._shape)
        return raw if renamed is raw.payload else msgspec.structs.replace(raw, payload=renamed)

    def record(self, person: PersonRecord) -> PersonRecord:
        """The account under its pseudonym: without an address, and no longer at work."""
        name = self._names.get(person.external_id)
        if name is None:
            return person
        return PersonRecord(external_id=person.external_id, name=name, active=False, human=person.human)
