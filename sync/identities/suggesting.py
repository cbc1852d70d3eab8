"""Suggesting who may be one human, from what is known of all persons. Nothing is decided here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import Connection, exists, select

from portfolio.model.landing import Connection as Tracker
from portfolio.model.mapping import PersonApart
from portfolio.model.people import Erasure, Person, PersonIdentity
from sync.identities.candidates import Candidate, Known, candidates, compare
from sync.identities.deciding import Pair
from sync.identities.names import read_name
from sync.merge import chunks


class Side(NamedTuple):
    """One person of a suggestion. `accounts` are (connection, name there) of theirs."""

    id: int
    name: str
    active: bool
    accounts: tuple[tuple[str, str], ...]


class Suggestion(NamedTuple):
    """Two persons who may be one, with what speaks for it. The lower number is `one`, and would stay."""

    one: Side
    other: Side
    score: float
    reasons: tuple[str, ...]


def find_candidates(store: Connection) -> list[Candidate]:
    """All pairs that are likely enough, the likeliest first; none of whom somebody decided that they are two."""
    apart = {(one, other) for one, other in store.execute(select(PersonApart.person_id, PersonApart.other_id))}
    return candidates(_known(store), apart)


def describe(store: Connection, found: Iterable[Candidate]) -> list[Suggestion]:
    """Candidates with the names people know them by."""
    found = list(found)
    sides = _sides(store, {who for it in found for who in (it.one, it.other)})
    return [Suggestion(sides[it.one], sides[it.other], it.score, it.reasons) for it in found]


def judged(store: Connection, pairs: Iterable[tuple[int, int]]) -> list[Pair]:
    """Pairs to decide about, with what speaks for each at present: the lower number stays."""
    wanted = [(min(pair), max(pair)) for pair in pairs]
    known = {person.id: person for person in _known(store, {who for pair in wanted for who in pair})}
    made = []
    for one, other in wanted:
        it = compare(known[one], known[other]) if one in known and other in known else None
        made.append(Pair(other, one, it.score if it else None, it.reasons if it else ()))
    return made


def _known(store: Connection, only: Collection[int] | None = None) -> list[Known]:
    """Everybody who was not erased, or some of them."""
    persons = select(Person.id, Person.name, Person.email_hash).where(~exists().where(Erasure.person_id == Person.id))
    columns = ("name", "handle", "email_hash", "connection_id", "time_zone")
    accounts = select(PersonIdentity.person_id, *(getattr(PersonIdentity, name) for name in columns))
    accounts = accounts.where(PersonIdentity.person_id.is_not(None))
    parts = [None] if only is None else list(chunks(sorted(only)))
    theirs = defaultdict(list)
    found = []
    for part in parts:
        for row in store.execute(accounts if part is None else accounts.where(PersonIdentity.person_id.in_(part))):
            theirs[row.person_id].append(row)
        for row in store.execute(persons if part is None else persons.where(Person.id.in_(part))):
            mine = theirs[row.id]
            found.append(
                Known(
                    id=row.id,
                    names=tuple({read_name(text) for text in (row.name, *(it.name for it in mine))}),
                    handles=frozenset(it.handle.casefold() for it in mine if it.handle),
                    addresses=frozenset({row.email_hash, *(it.email_hash for it in mine)} - {None}),
                    connections=frozenset(it.connection_id for it in mine),
                    zones=frozenset(it.time_zone for it in mine if it.time_zone),
                )
            )
    return found


def _sides(store: Connection, wanted: Collection[int]) -> dict[int, Side]:
    theirs = defaultdict(list)
    found = {}
    for some in chunks(sorted(wanted)):
        accounts = (
            select(PersonIdentity.person_id, Tracker.name, PersonIdentity.name)
            .join(Tracker, Tracker.id == PersonIdentity.connection_id)
            .where(PersonIdentity.person_id.in_(some))
            .order_by(Tracker.name, PersonIdentity.id)
        )
        for who, connection, name in store.execute(accounts):
            theirs[who].append((connection, name))
        for who, name, active in store.execute(
            select(Person.id, Person.name, Person.active).where(Person.id.in_(some))
        ):
            found[who] = Side(who, name, active, tuple(theirs[who]))
    return found
