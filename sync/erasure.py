"""Erasing a person: their name and addresses go, the numbers they are part of stay as they were.

One transaction gives the person, their accounts at the trackers and their account here a pseudonym, and remembers the
accounts, so that no sync brings the names back. The payloads that were kept before are rewritten after it, some hundred
at a time (`sync.jobs.clean`). The trackers' own copies are not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Engine, ScalarSelect, delete, exists, func, or_, select, update
from sqlalchemy import Connection as Store

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.access import ApiToken, User
from portfolio.model.finance import CostRate, Expense
from portfolio.model.governance import GovernanceChange, Waiver
from portfolio.model.landing import Connection, Hold, RunRequest
from portfolio.model.mapping import MappingPreview, MappingVersion, PersonDecision, ProjectField
from portfolio.model.oversight import SyncRun
from portfolio.model.people import Erasure, Person, PersonIdentity
from portfolio.model.resources import PersonSkill, RequestStep
from portfolio.model.structure import Objective, ObjectiveLink, StatusUpdate
from portfolio.model.work import Baseline, FieldChange, WorkItem
from portfolio.store.engine import reading, writing
from portfolio.store.upsert import upsert
from sync.errors import UnknownPersonError
from sync.pseudonyms import pseudonym
from sync.quiet import quiet
from sync.tables import table_of

LONGEST_REASON = 500


class Found(NamedTuple):
    """A person as the erasure sees them. `identities` are their accounts at trackers, `accounts` those here."""

    id: int
    name: str
    active: bool
    identities: int
    accounts: int
    items: int
    erased: bool


def find_persons(engine: Engine, text: str, most: int = 50) -> Sequence[Found]:
    """The persons whose name holds the text, or whose number it is; all for none, by name."""
    wanted = Person.name.icontains(text, autoescape=True)
    if text.isascii() and text.isdecimal() and len(text) < 19:
        wanted = or_(wanted, Person.id == int(text))
    with reading(engine) as store:
        return _found(store, wanted, most)


def find_person(engine: Engine, person_id: int) -> Found:
    """The person of that number. Raises `UnknownPersonError`."""
    with reading(engine) as store:
        return _one(store, person_id)


def erase(engine: Engine, person_id: int, reason: str, now: datetime, by: Actor) -> Found:
    """Erase the person, and return how they were. Doing it again changes nothing, and takes in accounts met since.

    Raises `UnknownPersonError`, and `BusyError` while a run of one of their connections is under way: it knows the name
    already, and could write it again.
    """
    name = pseudonym(person_id)
    with writing(engine) as store:
        before = _one(store, person_id)
        with quiet(store, {person_id}, now):
            owned = PersonIdentity.person_id == person_id
            accounts = store.execute(
                select(PersonIdentity.connection_id, PersonIdentity.external_id)
                .where(owned)
                .order_by(PersonIdentity.connection_id, PersonIdentity.id)
            ).all()
            rows = [
                {
                    "connection_id": connection_id,
                    "external_id": external_id,
                    "person_id": person_id,
                    "erased_at": now,
                    "cleaned_at": None,
                }
                for connection_id, external_id in accounts
            ]
            upsert(store, table_of(Erasure), rows, ["connection_id", "external_id"])
            gone = dict.fromkeys(("email_hash", "role", "seniority", "location", "manager_id"))
            store.execute(update(Person).where(Person.id == person_id).values(name=name, active=False, **gone))
            store.execute(delete(PersonSkill).where(PersonSkill.person_id == person_id))
            about = (PersonDecision.person_id == person_id, PersonDecision.other_id == person_id)
            store.execute(update(PersonDecision).where(or_(*about)).values(body=""))
            # What was said of them where they were proposed, or sent back.
            store.execute(update(RequestStep).where(RequestStep.person_id == person_id).values(note=""))
            # The examples of a preview may name anybody, and it can be made again.
            store.execute(delete(MappingPreview).where(MappingPreview.finished_at.is_not(None)))
            hidden = {"name": name, "email_hash": None, "active": False, "time_zone": None, "handle": None}
            store.execute(update(PersonIdentity).where(owned).values(**hidden))
            # Who an item was given to is told by number; only where a tracker gave none, by name.
            for column in (FieldChange.old, FieldChange.new):
                named = (FieldChange.field == "assignee", column == before.name)
                store.execute(update(FieldChange).where(*named).values({column.key: name}))
            users = [_close(store, ident, title, now) for ident, title in _accounts_here(store, person_id)]
            told = {"reason": reason[:LONGEST_REASON], "identities": len(accounts), "accounts": users}
            append(store, now, by, "person.erased", Subject("person", person_id), new=told)
    return before


def _accounts_here(store: Store, person_id: int) -> Sequence[tuple[int, str]]:
    query = select(User.id, User.name).where(User.person_id == person_id).order_by(User.id)
    return [(ident, name) for ident, name in store.execute(query)]


_NAMING = (
    Hold.decided_by,
    RunRequest.asked_by,
    ProjectField.entered_by,
    StatusUpdate.entered_by,
    PersonDecision.decided_by,
    PersonDecision.undone_by,
    MappingVersion.edited_by,
    MappingVersion.approved_by,
    MappingPreview.asked_by,
    MappingPreview.cancel_by,
    GovernanceChange.by,
    Waiver.requested_by,
    Waiver.decided_by,
    Baseline.proposed_by,
    Baseline.decided_by,
    CostRate.entered_by,
    Expense.entered_by,
    Objective.entered_by,
    ObjectiveLink.said_by,
)
"""Columns that hold the name somebody signs in with, beside what they did under it."""


def _close(store: Store, user_id: int, before: str, now: datetime) -> int:
    """Take an account's name and all it could sign in with, and the name from what people did under it."""
    name = f"account {user_id}"
    store.execute(
        update(User)
        .where(User.id == user_id)
        .values(
            name=name,
            subject=None,
            password_hash=None,
            totp_secret=None,
            totp_since=None,
            active=False,
            session_epoch=User.session_epoch + 1,
        )
    )
    own = ApiToken.user_id == user_id
    store.execute(update(ApiToken).where(own).values(name="", revoked_at=func.coalesce(ApiToken.revoked_at, now)))
    stopped = update(SyncRun).where(SyncRun.cancel_by == before)
    store.execute(stopped.values(cancel_by=name, error=func.replace(SyncRun.error, before, name)))
    for column in _NAMING:
        store.execute(update(column.class_).where(column == before).values({column.key: name}))
    quoted = [msgspec.json.encode(it).decode() for it in (before, name)]
    store.execute(update(MappingVersion).values(editors=func.replace(MappingVersion.editors, *quoted)))
    begun, begun_by = (f'"begun_by":{it}' for it in quoted)
    store.execute(update(Connection).values(setup=func.replace(Connection.setup, begun, begun_by)))
    return user_id


def _one(store: Store, person_id: int) -> Found:
    found = _found(store, Person.id == person_id, 1)
    if not found:
        raise UnknownPersonError(person_id)
    return found[0]


def _found(store: Store, wanted: ColumnElement[bool], most: int) -> list[Found]:
    def number_of(column: Any) -> ScalarSelect[int]:
        return select(func.count()).where(column == Person.id).correlate(Person).scalar_subquery()

    query = select(
        Person.id,
        Person.name,
        Person.active,
        number_of(PersonIdentity.person_id),
        number_of(User.person_id),
        number_of(WorkItem.assignee_id),
        exists().where(Erasure.person_id == Person.id).correlate(Person),
    )
    return [Found(*row) for row in store.execute(query.where(wanted).order_by(Person.name, Person.id).limit(most))]
