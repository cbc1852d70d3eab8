"""Deciding who is who: two persons are one, are not, or one account is somebody else. Each is kept, and can be undone.

No decision is taken here by itself, and a person who was erased takes part in none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, insert, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.mapping import PersonApart, PersonDecision
from portfolio.model.people import Erasure, Person, PersonIdentity
from portfolio.store.engine import writing
from sync import persons_past
from sync.errors import PersonDecisionError, UnknownPersonError
from sync.identities.accounts import follow_accounts
from sync.identities.body import Body, encode, plain_row, set_row
from sync.identities.managers import goes_round
from sync.merge import Trace, chunks, merge_persons
from sync.quiet import quiet
from sync.schedule.requests import request_remap

# What one person tells, and the other does not, is told of both.
_FILLED = ("email_hash", "role", "manager_id", "segment", "seniority", "location")
HAND = "hand"


class Pair(NamedTuple):
    """Two persons about whom is decided, with what spoke for it. `gone` is merged into `stays`."""

    gone: int
    stays: int
    score: float | None = None
    reasons: tuple[str, ...] = ()


def merge(engine: Engine, pairs: Sequence[Pair], now: datetime, name: str, by: Actor) -> list[int]:
    """Make one person of each pair, and return the decisions' ids in the order of the persons who went.

    Pairs that hang together become one person: whom no pair sends away, else the lowest number. Raises
    `UnknownPersonError`, `PersonDecisionError` and `BusyError`; then nothing was changed.
    """
    into = _roots(pairs)
    told = {pair.gone: pair for pair in pairs}
    with writing(engine) as store:
        _require(store, {*into, *into.values()})
        with quiet(store, {*into, *into.values()}, now):
            before = {stays: plain_row(store, stays) for stays in into.values()}
            traces = merge_persons(store, into)
            changed = _fill(store, into, traces, before)
            made = []
            for gone in sorted(into):
                pair = told.get(gone, Pair(gone, into[gone]))
                body = Body(stays=into[gone], changed=changed[gone], trace=traces[gone])
                made.append(_note(store, "merged", pair._replace(stays=into[gone]), body, now, name))
                moved = sum(map(len, traces[gone].moved.values()))
                new = {"merged": gone, "rows": moved, "decision": made[-1]}
                append(store, now, by, "person.merged", Subject("person", into[gone]), new=new)
    return made


def reject(engine: Engine, pairs: Sequence[Pair], now: datetime, name: str, by: Actor) -> list[int]:
    """Keep the persons of each pair apart: they are not suggested again, and no sync joins them. Raises as `merge`."""
    made = []
    with writing(engine) as store:
        _require(store, {person for pair in pairs for person in pair[:2]})
        for pair in pairs:
            if pair.gone == pair.stays:
                raise PersonDecisionError(f"person {pair.gone} cannot be told apart from themselves.")
            made.append(_note(store, "rejected", pair, Body(stays=pair.stays), now, name))
            keep_apart(store, made[-1], pair.gone, pair.stays)
            new = {"apart_from": pair.gone, "decision": made[-1]}
            append(store, now, by, "person.told_apart", Subject("person", pair.stays), new=new)
    return made


def split(
    engine: Engine, person_id: int, identities: Collection[int], now: datetime, name: str, by: Actor
) -> tuple[int, int]:
    """Make these accounts of a person another person, and return that one's id and the decision's.

    What the trackers said of the accounts goes with them. A connection on which the person keeps an account is asked to
    be mapped anew: only the payloads tell which item is whose. Raises as `merge`.
    """
    with writing(engine) as store:
        _require(store, {person_id})
        with quiet(store, {person_id}, now):
            columns = (PersonIdentity.id, PersonIdentity.name, PersonIdentity.email_hash, PersonIdentity.active)
            theirs = store.execute(select(*columns).where(PersonIdentity.person_id == person_id)).all()
            going = [row for row in theirs if row.id in identities]
            staying = [row for row in theirs if row.id not in identities]
            if len(going) != len(set(identities)) or not going:
                raise PersonDecisionError(f"choose accounts of person {person_id} to split off.")
            if not staying:
                raise PersonDecisionError(f"leave person {person_id} at least one account.")
            row = plain_row(store, person_id)
            kept = {it.email_hash for it in staying} | ({row["email_hash"]} if row["origin"] == HAND else set())
            # An address that accounts on both sides have goes on standing for the person.
            address = next((it.email_hash for it in going if it.email_hash not in kept), None)
            values = {"name": going[0].name, "active": any(it.active for it in going), "email_hash": address}
            made = store.scalars(insert(Person).values(**values).returning(Person.id)).one()
            after: dict[str, Any] = {"active": any(it.active for it in staying)}
            if address is not None and row["email_hash"] == address:
                after["email_hash"] = None
            set_row(store, person_id, after)
            store.execute(update(PersonIdentity).where(PersonIdentity.id.in_(list(identities))).values(person_id=made))
            theirs_too = follow_accounts(store, person_id, made, identities)
            persons_past.note(store, [made])
            request_remap(store, theirs_too, name, now)
            changed = {key: (row[key], value) for key, value in after.items() if row[key] != value}
            body = Body(stays=person_id, changed=changed, identities=sorted(identities))
            decision = _note(store, "split", Pair(made, person_id), body, now, name)
            keep_apart(store, decision, made, person_id)
            told = {"split_off": made, "identities": sorted(identities), "decision": decision}
            append(store, now, by, "person.split", Subject("person", person_id), new=told)
    return made, decision


def keep_apart(store: Connection, decision: int, one: int, other: int) -> None:
    """Write down that two persons are not one."""
    rows = [
        {"decision_id": decision, "person_id": mine, "other_id": others}
        for mine, others in ((one, other), (other, one))
    ]
    store.execute(insert(PersonApart), rows)


def _note(store: Connection, kind: str, pair: Pair, body: Body, now: datetime, name: str) -> int:
    row = {
        "kind": kind,
        "person_id": pair.gone,
        "other_id": pair.stays,
        "body": encode(body),
        "score": pair.score,
        "reasons": msgspec.json.encode(pair.reasons).decode(),
        "decided_by": name,
        "decided_at": now,
    }
    return store.scalars(insert(PersonDecision).values(**row).returning(PersonDecision.id)).one()


def _roots(pairs: Iterable[Pair]) -> dict[int, int]:
    """Who goes into whom in the end."""
    groups: dict[int, set[int]] = {}
    leaving = set()
    for gone, stays, *_ in pairs:
        if gone == stays:
            raise PersonDecisionError(f"person {gone} cannot be merged with themselves.")
        joined = groups.get(gone, {gone}) | groups.get(stays, {stays})
        groups |= dict.fromkeys(joined, joined)
        leaving.add(gone)
    into = {}
    for person, group in groups.items():
        root = min(group - leaving or group)
        if person != root:
            into[person] = root
    return into


def _require(store: Connection, persons: Collection[int]) -> None:
    """Refuse what concerns nobody, or somebody erased."""
    for some in chunks(sorted(persons)):
        there = set(store.scalars(select(Person.id).where(Person.id.in_(some))))
        if missing := set(some) - there:
            raise UnknownPersonError(min(missing))
        erased = store.scalar(select(Erasure.person_id).where(Erasure.person_id.in_(some)).limit(1))
        if erased is not None:
            raise PersonDecisionError(f"person {erased} was erased: they stay who they are. Leave them out.")


def _fill(
    store: Connection, into: Mapping[int, int], traces: Mapping[int, Trace], before: Mapping[int, dict[str, Any]]
) -> dict[int, dict[str, tuple[Any, Any]]]:
    """Give those who stay what only those who went had told, and return what that changed, by who went."""
    changed: dict[int, dict[str, tuple[Any, Any]]] = {}
    # As the store has them by now: whom the merge sends away is spoken of by whom they became, nobody by themselves.
    now = {stays: row | {"manager_id": _manager(row, stays, into)} for stays, row in before.items()}
    rows = {stays: dict(row) for stays, row in now.items()}
    last: dict[int, int] = {}
    for gone in sorted(into):
        stays, theirs = into[gone], traces[gone].person
        row = rows[stays]
        after = {name: theirs[name] for name in _FILLED if row[name] is None}
        after["active"] = row["active"] or theirs["active"]
        if theirs["origin"] == HAND and row["origin"] != HAND:
            after["origin"] = HAND
        if "manager_id" in after:
            after["manager_id"] = _manager(theirs, stays, into)
        changed[gone] = {name: (row[name], value) for name, value in after.items() if row[name] != value}
        if before[stays]["manager_id"] == gone:
            changed[gone]["manager_id"] = (gone, after.get("manager_id"))
        row |= after
        last[stays] = gone
    for stays, gone in last.items():
        set_row(store, stays, {name: value for name, value in rows[stays].items() if now[stays][name] != value})
        if goes_round(store, stays):
            changed[gone]["manager_id"] = (before[stays]["manager_id"], None)
            set_row(store, stays, {"manager_id": None})
    return changed


def _manager(row: Mapping[str, Any], stays: int, into: Mapping[int, int]) -> int | None:
    """Whom the manager of a row has become; None where that is the person who stays."""
    manager = into.get(row["manager_id"], row["manager_id"])
    return None if manager == stays else manager
