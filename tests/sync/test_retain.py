"""Retention: what is old enough goes, what something still rests on stays, and the log of it all stays whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select

from portfolio.audit.append import append
from portfolio.audit.entry import COMMAND, SYSTEM
from portfolio.audit.verify import verify
from portfolio.model.access import ApiToken, AuditAnchor, AuditEntry, User
from portfolio.model.landing import Connection, Delivery, Hold, Quarantine, RunRequest, SliceClaim
from portfolio.model.mapping import MappingPreview, MappingVersion
from portfolio.model.oversight import SyncRun, SyncRunStream
from portfolio.organisation import Retention, change_settings
from portfolio.store.engine import reading, writing
from sync.jobs import retain as job
from sync.jobs.means import Means
from sync.jobs.retain import Removed, retain
from sync.schedule.daily import Daily
from sync.secrets import SecretStore
from tests.conftest import Clock

YEARS = timedelta(days=365)


def add(engine: Engine, table: Any, **values: Any) -> None:
    with writing(engine) as store:
        store.execute(insert(table).values(**values))


def add_connection(engine: Engine, now: datetime) -> int:
    values = {"tracker": "jira", "address": "https://jira.invalid", "settings": "{}", "secret_ref": "store"}
    with writing(engine) as store:
        row = insert(Connection).values(name="Jira", enabled=True, created_at=now, **values).returning(Connection.id)
        return store.execute(row).scalar_one()


def add_run(engine: Engine, connection_id: int, at: datetime, mode: str = "full", state: str = "done") -> int:
    ended = None if state == "running" else at
    values = {"mode": mode, "cause": "hand", "state": state, "started_at": at, "finished_at": ended}
    with writing(engine) as store:
        row = insert(SyncRun).values(connection_id=connection_id, **values).returning(SyncRun.id)
        run_id = store.execute(row).scalar_one()
        store.execute(insert(SyncRunStream).values(run_id=run_id, stream="items"))
        store.execute(insert(SliceClaim).values(run_id=run_id, stream="items", slice="P", state="done"))
    return run_id


def note(engine: Engine, at: datetime, entries: int = 1) -> None:
    with writing(engine) as store:
        for _ in range(entries):
            append(store, at, COMMAND, "thing.done")


def count(engine: Engine, table: Any) -> int:
    with reading(engine) as store:
        return store.scalar(select(func.count()).select_from(table)) or 0


def runs(engine: Engine) -> list[int]:
    with reading(engine) as store:
        return list(store.scalars(select(SyncRun.id).order_by(SyncRun.id)))


def whole(engine: Engine) -> int:
    with reading(engine) as store:
        found = verify(store)
    assert found.broken_at is None
    return found.entries


def test_with_nothing_old_nothing_goes_and_nothing_is_noted(engine: Engine, clock: Clock) -> None:
    note(engine, clock())
    assert retain(engine, clock(), SYSTEM) == Removed()
    assert whole(engine) == 1


def test_old_entries_go_and_the_chain_goes_on(engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "AT_ONCE", 10)
    note(engine, clock() - 3 * YEARS, 25)
    note(engine, clock() - YEARS, 5)
    # An entry whose clock was wrong keeps those after it: the log is only ever cut at its beginning.
    note(engine, clock() - 3 * YEARS, 1)
    with reading(engine) as store:
        head = verify(store).head
    assert retain(engine, clock(), SYSTEM).audit_entries == 25
    assert whole(engine) == 6 + 3  # each of the three transactions is an entry
    with reading(engine) as store:
        assert verify(store, head).broken_at is None
        assert store.scalars(select(AuditAnchor.entry_id)).all() == [25]
        told = store.scalars(select(AuditEntry.new).where(AuditEntry.action == "retention.removed")).all()
    assert '"audit_entries":5' in str(told[-1])
    assert '"through":25' in str(told[-1])
    assert retain(engine, clock(), SYSTEM) == Removed()


def test_even_the_whole_log_may_be_old(engine: Engine, clock: Clock) -> None:
    note(engine, clock() - 3 * YEARS, 3)
    assert retain(engine, clock(), SYSTEM).audit_entries == 3
    assert whole(engine) == 1
    with reading(engine) as store:
        assert store.scalars(select(AuditEntry.id)).all() == [4]


def test_the_organisation_says_how_long(engine: Engine, clock: Clock) -> None:
    note(engine, clock() - 3 * YEARS, 3)
    with writing(engine) as store:
        change_settings(store, Retention(audit_months=120), clock(), SYSTEM)
    assert retain(engine, clock(), SYSTEM) == Removed()


def test_runs_that_something_speaks_of_stay(engine: Engine, clock: Clock) -> None:
    ident, old = add_connection(engine, clock()), clock() - 2 * YEARS
    gone = [add_run(engine, ident, old), add_run(engine, ident, old, "census"), add_run(engine, ident, old)]
    spoken_of = [add_run(engine, ident, old), add_run(engine, ident, old)]
    running = add_run(engine, ident, old, state="running")
    ended_well = add_run(engine, ident, old)
    newest = [add_run(engine, ident, old, state="failed"), add_run(engine, ident, old, "census")]
    young = add_run(engine, ident, clock() - timedelta(days=30), "incremental")
    add(engine, Hold, connection_id=ident, run_id=spoken_of[0], missing=1, total=2, made_at=clock())
    about = {"reason": "no", "payload": b"", "first_seen_at": old, "last_seen_at": old, "run_id": spoken_of[1]}
    add(engine, Quarantine, connection_id=ident, stream="items", external_id="1", **about)
    assert retain(engine, clock(), SYSTEM).runs == len(gone)
    assert runs(engine) == [*spoken_of, running, ended_well, *newest, young]
    assert count(engine, SyncRunStream) == count(engine, SliceClaim) == 7


def test_what_is_done_with_goes_and_what_waits_stays(engine: Engine, clock: Clock) -> None:
    ident, old = add_connection(engine, clock()), clock() - 2 * YEARS
    add(engine, RunRequest, connection_id=ident, mode="full", asked_by="ada", asked_at=old)
    add(engine, RunRequest, connection_id=ident, mode="census", asked_by="ada", asked_at=clock())
    for name, state, done_at in (("a", "done", old), ("b", "waiting", None), ("c", "done", clock())):
        about = {"named": "{}", "received_at": old, "done_at": done_at}
        add(engine, Delivery, connection_id=ident, delivery_id=name, state=state, **about)
    add(engine, User, name="ada", origin="local", active=True, session_epoch=0, totp_step=0, created_at=old)
    for name, expires, revoked in (
        ("expired", old, None),
        ("revoked", clock() + YEARS, old),
        ("just expired", clock() - timedelta(days=1), None),
        ("good", clock() + YEARS, None),
    ):
        about = {"token_hash": name, "permits": "", "created_at": old, "expires_at": expires, "revoked_at": revoked}
        add(engine, ApiToken, user_id=1, name=name, **about)
    add(engine, MappingVersion, state="draft", body="{}", edited_by="ada", edited_at=old)
    for revision, finished in ((1, old), (2, clock()), (3, None)):
        about = {"state": "done" if finished else "running", "asked_by": "ada", "asked_at": old}
        add(engine, MappingPreview, version_id=1, revision=revision, finished_at=finished, **about)
    assert retain(engine, clock(), SYSTEM) == Removed(run_requests=1, deliveries=1, tokens=2, previews=1)
    with reading(engine) as store:
        assert store.scalars(select(ApiToken.name).order_by(ApiToken.id)).all() == ["just expired", "good"]
        assert store.scalars(select(Delivery.delivery_id).order_by(Delivery.id)).all() == ["b", "c"]
        assert store.scalars(select(RunRequest.mode)).all() == ["census"]
        assert store.scalars(select(MappingPreview.revision).order_by(MappingPreview.revision)).all() == [2, 3]
    assert whole(engine) == 2


def test_a_dry_run_says_what_would_go_and_leaves_it(engine: Engine, clock: Clock) -> None:
    note(engine, clock() - 3 * YEARS, 3)
    ident = add_connection(engine, clock())
    first, last = (add_run(engine, ident, clock() - 2 * YEARS) for _ in range(2))
    assert retain(engine, clock(), COMMAND, dry_run=True) == Removed(audit_entries=3, runs=1)
    assert runs(engine) == [first, last]
    assert whole(engine) == 3


def test_it_stops_between_two_transactions_and_goes_on_later(
    engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "AT_ONCE", 10)
    note(engine, clock() - 3 * YEARS, 25)
    answers = iter([None, *["the server ends"] * 6])
    assert retain(engine, clock(), SYSTEM, stop=lambda: next(answers)).audit_entries == 10
    assert whole(engine) == 16
    assert retain(engine, clock(), SYSTEM).audit_entries == 15


def test_a_process_does_it_once_a_day(engine: Engine, clock: Clock) -> None:
    daily = Daily(Means(engine, SecretStore(engine, [], {}), clock))
    asked = {"connection_id": add_connection(engine, clock()), "asked_by": "ada", "asked_at": clock() - 2 * YEARS}
    add(engine, RunRequest, mode="full", **asked)
    assert daily.do(lambda: None)
    add(engine, RunRequest, mode="full", **asked)
    clock.advance(hours=23)
    assert not daily.do(lambda: None)
    assert count(engine, RunRequest) == 1
    clock.advance(hours=2)
    assert daily.do(lambda: None)
    assert count(engine, RunRequest) == 0
