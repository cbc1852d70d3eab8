"""The audit log: chained, without gaps under many writers, append-only, and every kind of tampering is found."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from portfolio.audit.append import append, head
from portfolio.audit.entry import BEGINNING, COMMAND, SYSTEM, Actor, ActorKind, Subject
from portfolio.audit.read import Wish, differences, list_entries, names_of
from portfolio.audit.verify import Verified, verify
from portfolio.model.access import AuditAnchor, AuditEntry
from portfolio.store.engine import reading, writing
from tests.conftest import Clock

HUGE = 2**62
TRIGGERS = {
    "sqlite": (
        "DROP TRIGGER audit_entry_is_never_changed",
        "DROP TRIGGER audit_entry_is_never_removed",
    ),
    "postgresql": ("DROP TRIGGER audit_entry_is_append_only ON audit_entry",),
}


def fill(engine: Engine, now: datetime, entries: int = 10) -> None:
    with writing(engine) as connection:
        for number in range(entries):
            at = now + timedelta(days=number)
            append(connection, at, COMMAND, "thing.done", Subject("thing", number), new={"value": number, "ü": "→"})


def checked(engine: Engine, expected: str | None = None) -> Verified:
    with reading(engine) as connection:
        return verify(connection, expected)


@contextmanager
def unguarded(engine: Engine) -> Iterator[Connection]:
    """The database in the hands of somebody who owns it."""
    with writing(engine) as connection:
        for statement in TRIGGERS[engine.dialect.name]:
            connection.execute(text(statement))
        yield connection


def test_an_empty_log_is_whole(engine: Engine) -> None:
    assert checked(engine) == Verified(0, None, 0, BEGINNING)


def test_many_writers_leave_one_chain_without_gaps(engine: Engine, clock: Clock) -> None:
    def write(worker: int) -> None:
        for number in range(8):
            with writing(engine) as connection:
                append(connection, clock(), SYSTEM, "thing.done", Subject("worker", worker), new={"number": number})

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    found = checked(engine)
    assert (found.entries, found.first_id, found.last_id, found.broken_at) == (48, 1, 48, None)
    with reading(engine) as connection:
        assert list(connection.scalars(select(AuditEntry.id).order_by(AuditEntry.id))) == list(range(1, 49))


def test_what_is_rolled_back_leaves_no_entry_and_no_gap(engine: Engine, clock: Clock) -> None:
    fill(engine, clock(), 2)

    def fail() -> None:
        with writing(engine) as connection:
            append(connection, clock(), COMMAND, "thing.done")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    fill(engine, clock(), 1)
    assert checked(engine) == Verified(3, 1, 3, checked(engine).head)


@pytest.mark.parametrize(
    "statement",
    [
        update(AuditEntry).where(AuditEntry.id == 2).values(action="other"),
        update(AuditEntry).values(id=AuditEntry.id + 100),
        delete(AuditEntry).where(AuditEntry.id == 2),
        delete(AuditEntry),
    ],
)
def test_the_database_refuses_to_change_or_remove(engine: Engine, clock: Clock, statement: Any) -> None:
    fill(engine, clock())
    before = checked(engine)
    with pytest.raises(DatabaseError, match="append-only"), writing(engine) as connection:
        connection.execute(statement)
    assert checked(engine) == before


@pytest.mark.parametrize("column", ["at", "actor", "user_id", "token_id", "network", "action", "subject_id", "new"])
def test_a_changed_field_is_found(engine: Engine, clock: Clock, column: str) -> None:
    fill(engine, clock())
    other = clock() if column == "at" else 7 if column in ("user_id", "token_id", "subject_id") else '"other"'
    with unguarded(engine) as connection:
        connection.execute(update(AuditEntry).where(AuditEntry.id == 5).values({column: other}))
    found = checked(engine)
    assert (found.broken_at, found.why, found.last_id) == (5, "changed", 4)


def test_removed_in_the_middle_is_found(engine: Engine, clock: Clock) -> None:
    fill(engine, clock())
    with unguarded(engine) as connection:
        connection.execute(delete(AuditEntry).where(AuditEntry.id.in_([4, 5])))
    assert (checked(engine).broken_at, checked(engine).why) == (4, "missing")


def test_removed_at_the_beginning_is_found(engine: Engine, clock: Clock) -> None:
    fill(engine, clock())
    with unguarded(engine) as connection:
        connection.execute(delete(AuditEntry).where(AuditEntry.id <= 3))
    assert (checked(engine).broken_at, checked(engine).why) == (1, "missing")


def test_put_at_the_end_is_found(engine: Engine, clock: Clock) -> None:
    fill(engine, clock())
    row = {"id": 11, "at": clock(), "actor": "command", "action": "thing.done", "hash": "0" * 64}
    with writing(engine) as connection:
        connection.execute(insert(AuditEntry).values(**row))
    assert (checked(engine).broken_at, checked(engine).why) == (11, "changed")


def test_put_before_the_beginning_is_found(engine: Engine, clock: Clock) -> None:
    fill(engine, clock())
    row = {"id": 0, "at": clock(), "actor": "command", "action": "thing.done", "hash": "0" * 64}
    with writing(engine) as connection:
        connection.execute(insert(AuditEntry).values(**row))
    assert (checked(engine).broken_at, checked(engine).why) == (0, "stray")


def test_a_removed_end_is_found_only_by_a_head_noted_earlier(engine: Engine, clock: Clock) -> None:
    fill(engine, clock())
    noted = checked(engine).head
    fill(engine, clock(), 2)
    assert checked(engine, noted).broken_at is None
    with unguarded(engine) as connection:
        connection.execute(delete(AuditEntry).where(AuditEntry.id >= 9))
    assert checked(engine).broken_at is None
    found = checked(engine, noted)
    assert (found.broken_at, found.why, found.last_id) == (9, "other", 8)


def test_a_log_written_anew_is_found_only_by_a_head_noted_earlier(engine: Engine, clock: Clock) -> None:
    fill(engine, clock())
    noted = checked(engine).head
    with unguarded(engine) as connection:
        connection.execute(delete(AuditEntry))
        for number in range(12):
            append(connection, clock(), COMMAND, "thing.invented", Subject("thing", number))
    assert checked(engine).broken_at is None
    assert checked(engine, noted).why == "other"


def test_the_log_goes_on_from_its_anchor(engine: Engine, clock: Clock) -> None:
    fill(engine, clock())
    with reading(engine) as connection:
        last = head(connection)
    with writing(engine) as connection:
        connection.execute(insert(AuditAnchor).values(entry_id=last[0], hash=last[1], removed_at=clock()))
        connection.execute(delete(AuditEntry))
    assert checked(engine) == Verified(0, None, 10, last[1])
    fill(engine, clock(), 2)
    found = checked(engine, last[1])
    assert (found.entries, found.first_id, found.last_id, found.broken_at) == (2, 11, 12, None)


def test_entries_are_found_by_what_they_tell(engine: Engine, clock: Clock) -> None:
    with writing(engine) as connection:
        for number, (action, user_id) in enumerate(
            [("user.added", 1), ("user.added", 2), ("users.other", 1), ("export", None)]
        ):
            by = Actor(ActorKind.USER if user_id else ActorKind.COMMAND, user_id=user_id)
            append(connection, clock() + timedelta(days=number), by, action, Subject("user", number))

    def ids(**wish: Any) -> list[int]:
        with reading(engine) as connection:
            return [it.id for it in list_entries(connection, Wish(**wish), limit=10)]

    assert ids() == [4, 3, 2, 1]
    assert ids(action="user") == [2, 1]
    assert ids(action="user%") == []
    assert ids(user_id=1) == [3, 1]
    assert ids(actor=ActorKind.COMMAND) == [4]
    assert ids(subject_type="user", subject_id=2) == [3]
    assert ids(since=clock() + timedelta(days=1), until=clock() + timedelta(days=3)) == [3, 2]
    assert ids(user_id=HUGE, subject_id=HUGE) == []
    with reading(engine) as connection:
        assert [it.id for it in list_entries(connection, Wish(), limit=2, before=3)] == [2, 1]
        assert names_of(connection, list_entries(connection, Wish(), limit=10)) == {}


def test_what_changed_is_told_value_by_value(engine: Engine, clock: Clock) -> None:
    with writing(engine) as connection:
        about = {"full": {"cron": "0 3 * * *", "enabled": True}, "zone": "UTC"}
        append(connection, clock(), COMMAND, "one", old=about, new={**about, "full": {"cron": "x", "enabled": True}})
        append(connection, clock(), COMMAND, "two", new={"names": ["a", "b"]})
        append(connection, clock(), COMMAND, "three")
        append(connection, clock(), COMMAND, "four", old={"account": True}, new={"account": True})
        assert connection.scalar(select(func.count()).select_from(AuditEntry)) == 4
        found = {it.action: differences(it) for it in list_entries(connection, Wish(), limit=9)}
    assert [(it.name, it.old, it.new) for it in found["one"]] == [("full.cron", "0 3 * * *", "x")]
    assert [(it.name, it.old, it.new) for it in found["two"]] == [("names", None, ["a", "b"])]
    assert found["three"] == ()
    assert [(it.name, it.old, it.new) for it in found["four"]] == [("account", True, True)]
