"""One human over all trackers: accounts become identities, identities belong to persons.

The rules: an account is its own person; accounts with the same e-mail address, wherever they are, are one person, but
for those of whom it was decided that they are not (`PersonApart`); a name alone never joins anybody; apps and bots have
an identity and no person; an account met only inside items is an identity that is not listed. An address is kept only
as the SHA-256 of its lower-cased text, without salt: it must give the same answer for every connection. It hides
addresses from a reader of the database, not from a determined guesser.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence

import msgspec
from sqlalchemy import Connection, bindparam, exists, func, insert, select, update

from connector.records import PersonRecord
from portfolio.model.mapping import PersonApart
from portfolio.model.people import Person, PersonIdentity
from portfolio.store.locks import Lock, exclusive
from portfolio.store.upsert import upsert
from sync.mapping.projects import clean
from sync.merge import merge_person
from sync.pseudonyms import Pseudonyms
from sync.tables import table_of

CHUNK = 500
LONGEST_HANDLE = 100


def email_hash(address: str | None) -> str | None:
    """The recognisable trace of an e-mail address; None for none."""
    cleaned = (address or "").strip().lower()
    return hashlib.sha256(cleaned.encode()).hexdigest() if "@" in cleaned else None


class Identity(msgspec.Struct):
    """An account as it stands in the store."""

    name: str
    email_hash: str | None
    active: bool
    human: bool
    listed: bool
    time_zone: str | None
    handle: str | None
    person_id: int | None


class Directory:
    """The accounts of one connection. Reads them once; afterwards answers from memory and writes what is new."""

    def __init__(self, store: Connection, connection_id: int) -> None:
        self._connection_id = connection_id
        self.pseudonyms = Pseudonyms(store, connection_id)
        table = table_of(PersonIdentity)
        columns = [table.c[name] for name in ("external_id", *Identity.__struct_fields__)]
        query = select(*columns).where(table.c.connection_id == connection_id)
        self._identities = {row[0]: Identity(*row[1:]) for row in store.execute(query).all()}
        # Asked for several times per item, for nothing but this.
        self._persons = {ident: identity.person_id for ident, identity in self._identities.items()}
        self._by_email = _persons_by_email(store)
        self._apart = _apart(store)

    def person(self, external_id: str | None) -> int | None:
        """The person behind an account, None when there is none."""
        return self._persons.get(external_id) if external_id else None

    def meet(self, store: Connection, records: Iterable[PersonRecord]) -> None:
        """Take in accounts seen inside items and projects. Known ones stay as the list of people has them."""
        strangers: dict[str, PersonRecord] = {}
        for record in map(self.pseudonyms.record, records):
            if record.external_id not in self._identities and record.external_id:
                # What the item itself says of an account comes before what its history does.
                strangers.setdefault(record.external_id, record)
        if strangers:
            self._look_again(store, list(strangers.values()))
            new = [record for ident, record in strangers.items() if ident not in self._identities]
            self._take(store, new, listed=False)

    def enlist(self, store: Connection, records: Sequence[PersonRecord]) -> None:
        """Take in accounts from the list of people, new or changed."""
        records = [self.pseudonyms.record(record) for record in records]
        self._look_again(store, records)
        self._take(store, records, listed=True)
        touched = {self.person(record.external_id) for record in records} - {None}
        still = exists().where(PersonIdentity.person_id == bindparam("who"), PersonIdentity.active)
        statement = update(Person).where(Person.id == bindparam("who")).values(active=still)
        if touched:
            store.execute(statement, [{"who": ident} for ident in sorted(i for i in touched if i is not None)])

    def _look_again(self, store: Connection, records: Sequence[PersonRecord]) -> None:
        """Take up what other processes have written of these accounts and their addresses, and let none write more.

        Runs of other connections meet the same people, and workers that share a run the same accounts.
        """
        exclusive(store, Lock.PEOPLE)
        table = table_of(PersonIdentity)
        columns = [table.c[name] for name in ("external_id", *Identity.__struct_fields__)]
        for first in range(0, len(records), CHUNK):
            some = records[first : first + CHUNK]
            ids = [record.external_id for record in some if record.external_id not in self._identities]
            mine = (table.c.connection_id == self._connection_id, table.c.external_id.in_(ids))
            for row in store.execute(select(*columns).where(*mine)):
                self._identities[row[0]] = Identity(*row[1:])
                self._persons[row[0]] = row[-1]
            traces = {trace for record in some if (trace := email_hash(record.email))}
            known = _persons_by_email(store, traces)
            # Who was merged away meanwhile is not there any more.
            self._by_email = {trace: who for trace, who in self._by_email.items() if trace not in traces} | known
        self._apart = _apart(store)

    def _take(self, store: Connection, records: Sequence[PersonRecord], *, listed: bool) -> None:
        humans = self._persons_for(store, records)
        rows = []
        for record in records:
            before = self._identities.get(record.external_id)
            name = clean(record.name) or record.external_id
            person = humans.get(record.external_id)
            self._identities[record.external_id] = Identity(
                name,
                email_hash(record.email) or (before.email_hash if before else None),
                record.active,
                record.human,
                listed,
                record.time_zone,
                clean(record.handle)[:LONGEST_HANDLE] if record.handle else None,
                person,
            )
            self._persons[record.external_id] = person
            if before is not None and person is not None and before.name != name:
                store.execute(update(Person).where(Person.id == person, Person.name == before.name).values(name=name))
            rows.append(
                {
                    "connection_id": self._connection_id,
                    "external_id": record.external_id,
                    **msgspec.structs.asdict(self._identities[record.external_id]),
                }
            )
        upsert(store, table_of(PersonIdentity), rows, ["connection_id", "external_id"])

    def _persons_for(self, store: Connection, records: Sequence[PersonRecord]) -> dict[str, int]:
        """The person of each human among `records`: their own, else the one with their address, else a new one."""
        found: dict[str, int] = {}
        new: list[tuple[str, str | None, PersonRecord]] = []
        for record in records:
            if not record.human:
                continue
            trace = email_hash(record.email)
            own, same = self.person(record.external_id), self._by_email.get(trace) if trace else None
            if own is not None:
                found[record.external_id] = self._reconcile(store, own, same, trace)
            elif same is not None:
                found[record.external_id] = same
            else:
                new.append((record.external_id, trace, record))
        fresh = {trace or f"account:{ident}": record for ident, trace, record in reversed(new)}
        if fresh:
            statement = insert(Person).returning(Person.id, sort_by_parameter_order=True)
            rows = [
                {
                    "name": clean(record.name) or record.external_id,
                    "email_hash": email_hash(record.email),
                    "active": record.active,
                }
                for record in fresh.values()
            ]
            made = dict(zip(fresh, store.execute(statement, rows).scalars(), strict=True))
            for ident, trace, _ in new:
                found[ident] = made[trace or f"account:{ident}"]
                if trace:
                    self._by_email[trace] = found[ident]
        return found

    def _reconcile(self, store: Connection, own: int, same: int | None, trace: str | None) -> int:
        """A known account whose address is now seen: join the person who has it, or give it to its own person."""
        if trace is None or same == own or (own, same) in self._apart:
            return own
        if same is None:
            statement = update(Person).where(Person.id == own, Person.email_hash.is_(None)).values(email_hash=trace)
            if store.execute(statement).rowcount:
                self._by_email[trace] = own
            return own
        mine = store.scalar(select(Person.email_hash).where(Person.id == own))
        if mine is not None:
            # A person recognised by another address stays: an address that moved is no proof of one human.
            return own
        merge_person(store, own, same)
        for ident, identity in self._identities.items():
            if identity.person_id == own:
                identity.person_id = self._persons[ident] = same
        return same


def _persons_by_email(store: Connection, traces: Collection[str] | None = None) -> dict[str, int]:
    """Who has an address: the person it was first known of, else whose account has it. Some addresses, or all."""
    found: dict[str, int] = {}
    for trace, who in ((PersonIdentity.email_hash, PersonIdentity.person_id), (Person.email_hash, Person.id)):
        query = select(trace, func.min(who)).where(trace.is_not(None), who.is_not(None)).group_by(trace)
        if traces is not None:
            query = query.where(trace.in_(traces))
        found |= {each: person for each, person in store.execute(query) if each and person}
    return found


def _apart(store: Connection) -> frozenset[tuple[int, int]]:
    return frozenset((one, other) for one, other in store.execute(select(PersonApart.person_id, PersonApart.other_id)))
