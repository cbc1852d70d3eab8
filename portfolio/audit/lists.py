"""Noting who looks at lists of persons: which list, and exactly whom it showed.

Each person once an hour for each account and list: whoever looks again, or turns the page back, writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, Engine, select

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.access import AuditEntry
from portfolio.store.engine import reading, writing

VIEWED = "people.viewed"
LIST = Subject("list")
"""What a list is about that is not of one project or program."""
ONCE_IN = timedelta(hours=1)


class Listed(msgspec.Struct, frozen=True):
    """What an entry tells of a list: what it was of, and the ids of those it showed. Older entries tell neither."""

    what: str = ""
    persons: tuple[int, ...] = ()


def looked(
    engine: Engine, persons: Iterable[int | None], what: str, now: datetime, by: Actor, subject: Subject = LIST
) -> None:
    """Note that an account is shown these persons (ids; None is nobody) in a list of that kind, but for those it was
    shown in it within the hour. Writes nothing where none is left."""
    shown = {ident for ident in persons if ident is not None}
    if not shown:
        return
    with reading(engine) as connection:
        fresh = unseen(connection, shown, what, now, by, subject)
    if fresh:
        with writing(engine) as store:
            told = msgspec.structs.asdict(Listed(what, fresh))
            append(store, now, by, VIEWED, subject, new=told)


def unseen(
    connection: Connection, persons: Iterable[int], what: str, now: datetime, by: Actor, subject: Subject = LIST
) -> tuple[int, ...]:
    """Those of the persons whom this account was not shown in this list within the hour, as far as the log tells."""
    it = AuditEntry
    same = (it.action == VIEWED, it.subject_type == subject.type, it.subject_id == subject.id)
    query = select(it.new).where(it.user_id == by.user_id, it.at > now - ONCE_IN, *same)
    shown = {ident for text in connection.scalars(query) if (told := read(text)).what == what for ident in told.persons}
    return tuple(sorted(set(persons) - shown))


def read(text: str | None) -> Listed:
    """What an entry tells."""
    return msgspec.json.decode(text or "{}", type=Listed)
