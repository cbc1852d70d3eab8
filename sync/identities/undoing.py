"""Undoing a decision about who is who: everything is as it was, but for what others have changed since."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, delete, exists, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.mapping import PersonApart, PersonDecision
from portfolio.model.people import Person, PersonIdentity
from portfolio.store.engine import writing
from sync.errors import PersonDecisionError
from sync.identities.accounts import follow_accounts
from sync.identities.body import Body, decode, take_back
from sync.merge import Trace, bring_back, chunks, merge_person
from sync.quiet import quiet
from sync.schedule.requests import request_remap


def undo(engine: Engine, decision_id: int, now: datetime, name: str, by: Actor) -> str:
    """Take a decision back, and return its kind.

    Raises `PersonDecisionError` for one that is not there, was undone already, speaks of somebody erased, or on which a
    later one rests; `BusyError` while a run of a connection concerned is under way.
    """
    with writing(engine) as store:
        columns = (PersonDecision.kind, PersonDecision.person_id, PersonDecision.other_id, PersonDecision.body)
        query = select(*columns, PersonDecision.undone_at).where(PersonDecision.id == decision_id)
        row = store.execute(query).one_or_none()
        if row is None:
            raise PersonDecisionError(f"there is no decision {decision_id}.")
        if row.undone_at is not None:
            raise PersonDecisionError(f"decision {decision_id} was undone already.")
        body = decode(row.body)
        if body is None:
            raise PersonDecisionError(f"decision {decision_id} speaks of a person who was erased: it stays.")
        with quiet(store, {row.person_id, row.other_id}, now):
            _refuse_buried(store, decision_id, row.person_id, body)
            # Before anybody is merged: what keeps two apart would speak of one.
            store.execute(delete(PersonApart).where(PersonApart.decision_id == decision_id))
            if row.kind == "merged" and body.trace is not None:
                request_remap(store, _part(store, row.person_id, row.other_id, body.trace), name, now)
                take_back(store, row.other_id, body)
            elif row.kind == "split":
                merge_person(store, row.person_id, row.other_id)
                take_back(store, row.other_id, body)
            done = update(PersonDecision).where(PersonDecision.id == decision_id)
            store.execute(done.values(undone_by=name, undone_at=now))
            undone = select(PersonDecision.id).where(PersonDecision.undone_at.is_not(None))
            store.execute(delete(PersonApart).where(PersonApart.decision_id.in_(undone)))
            told = {"decision": decision_id, "kind": row.kind, "other": row.person_id}
            append(store, now, by, "person.decision_undone", Subject("person", row.other_id), new=told)
    return str(row.kind)


def _part(store: Connection, gone: int, other: int, trace: Trace) -> set[int]:
    """The person is there again, with all that was theirs and all that their accounts have brought since.

    Returns the connections that `follow_accounts` does.
    """
    bring_back(store, gone, trace, other)
    return follow_accounts(store, other, gone, trace.moved.get("person_identity.person_id", []))


def _refuse_buried(store: Connection, decision_id: int, person_id: int, body: Body) -> None:
    """Refuse while a later decision has changed what this one would bring back."""
    later = select(PersonDecision.id).where(PersonDecision.id > decision_id, PersonDecision.undone_at.is_(None))
    about = [body.stays] if body.trace is not None else [body.stays, person_id]
    buried = later.where(PersonDecision.kind == "merged", PersonDecision.person_id.in_(about))
    first = store.scalar(buried.order_by(PersonDecision.id.desc()).limit(1))
    if first is None and body.trace is not None and _moved_on(store, body.stays, body.trace):
        splits = later.where(PersonDecision.kind == "split", PersonDecision.other_id == body.stays)
        first = store.scalar(splits.order_by(PersonDecision.id.desc()).limit(1))
    if first is not None:
        raise PersonDecisionError(f"decision {first} rests on decision {decision_id}: undo {first} first.")
    if body.trace is None and not store.scalar(select(exists().where(Person.id == person_id))):
        raise PersonDecisionError(f"person {person_id} is not there any more: a sync has found who they are.")


def _moved_on(store: Connection, stays: int, trace: Trace) -> bool:
    """Whether an account that came with the merge is somebody else's by now."""
    for some in chunks(trace.moved.get("person_identity.person_id", [])):
        elsewhere = exists().where(PersonIdentity.id.in_(some), PersonIdentity.person_id != stays)
        if store.scalar(select(elsewhere)):
            return True
    return False
