"""Mapping anew by the processes that sync: with no secret and no tracker, on both databases."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import DataError

from connector.protocol import RawRecord, Stream
from connector.settings import ConnectionSettings, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import Connection, RunRequest
from portfolio.model.landing import Lease as LeaseRow
from portfolio.model.oversight import SyncRun, SyncRunStream
from portfolio.store.engine import reading, writing
from portfolio.store.errors import connection_lost
from sync import versions
from sync.connections import add_connection
from sync.jobs import remap as job
from sync.jobs.means import Means
from sync.landing.raw import Hashed, digest, land
from sync.modes import Mode
from sync.run import remapping
from sync.run.lease import TERM
from sync.schedule import dispatch
from sync.schedule.embedded import Embedded
from sync.secrets import SecretStore
from tests.conftest import Clock
from tests.sync.builders import rows

UNREADABLE = b"{}"


@pytest.fixture
def means(engine: Engine, clock: Clock) -> Means:
    return Means(engine, SecretStore(engine, [Fernet.generate_key().decode()], {}), clock)


@pytest.fixture
def ident(means: Means) -> int:
    """A connection to nowhere, without a secret, with a mapping to take up and an item that no reader takes."""
    settings = ConnectionSettings(
        tracker="jira", address="https://gone.invalid", sign_in=SignIn.CLOUD_TOKEN, account="pmo@example.invalid"
    )
    ident = add_connection(means.engine, "Cloud", settings, "store", means.clock(), COMMAND)
    with writing(means.engine) as store:
        record = Hashed(RawRecord(Stream.ITEMS, "10001", UNREADABLE), digest(UNREADABLE))
        land(store, ident, [record], means.clock())
        draft = versions.begin(store, means.clock(), "ada", COMMAND)
        versions.approve(store, draft.id, draft.revision, means.clock(), "ada", COMMAND)
    return ident


def take(means: Means) -> dispatch.Task:
    """The task to map anew, taken up."""
    wishes = dispatch.wanted(means.engine, means.clock())
    wish = next(each for each in wishes if each.task.mode is Mode.REMAP)
    assert dispatch.take(means.engine, wish, means.clock())
    return wish.task


def taken_up(means: Means) -> int | None:
    with reading(means.engine) as store:
        return store.scalar(select(Connection.mapping_number))


def asked(means: Means) -> list[tuple[str]]:
    return rows(means.engine, RunRequest, "mode")


def test_the_threads_of_a_server_do_it_once(means: Means, ident: int, clock: Clock) -> None:
    with Embedded(means, threads=2, every_s=0.02):
        deadline = time.monotonic() + 20
        while asked(means) and time.monotonic() < deadline:
            time.sleep(0.02)
    assert taken_up(means) == 1
    assert ("remap", "hand", "done") in rows(means.engine, SyncRun, "mode", "cause", "state")
    assert rows(means.engine, SyncRunStream, "stream", "fetched", "quarantined") == [("items", 1, 1)]


def test_it_stands_until_it_is_done_and_who_comes_after_does_nothing(means: Means, ident: int) -> None:
    first, second = take(means), take(means)
    assert dispatch.carry_out(means, first, lambda: None)
    assert asked(means) == []
    assert dispatch.carry_out(means, second, lambda: None)
    assert rows(means.engine, SyncRun, "mode") == [("remap",)]


def test_a_process_that_was_killed_is_followed_by_another(means: Means, ident: int, clock: Clock) -> None:
    take(means)
    with writing(means.engine) as store:
        row = {"connection_id": ident, "mode": "remap", "cause": "hand", "state": "running", "started_at": clock()}
        run_id = store.execute(insert(SyncRun).values(**row).returning(SyncRun.id)).scalar_one()
        lease = {"connection_id": ident, "owner": "elsewhere", "run_id": run_id, "expires_at": clock() + TERM}
        store.execute(insert(LeaseRow).values(**lease))
    assert [wish for wish in dispatch.wanted(means.engine, clock()) if wish.task.mode is Mode.REMAP] == []
    clock.now += TERM + timedelta(seconds=1)
    assert dispatch.carry_out(means, take(means), lambda: None)
    assert rows(means.engine, SyncRun, "mode", "state") == [("remap", "interrupted"), ("remap", "done")]
    assert taken_up(means) == 1


def test_a_process_that_ends_leaves_it_to_the_next(means: Means, ident: int) -> None:
    over = threading.Event()
    over.set()
    assert not dispatch.carry_out(means, take(means), lambda: "the server" if over.is_set() else None)
    assert rows(means.engine, SyncRun, "state") == [("cancelled",)]
    assert asked(means) == [("remap",)]


def test_a_database_that_is_away_for_a_moment_does_not_lose_it(
    means: Means, ident: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise connection_lost()

    monkeypatch.setattr(job, "remap_connection", fail)
    assert not dispatch.carry_out(means, take(means), lambda: None)
    assert asked(means) == [("remap",)]


@pytest.mark.parametrize("error", [ZeroDivisionError(), DataError("insert", {}, ValueError("no such number"))])
def test_a_mapping_that_fails_by_itself_is_left_to_the_next_reading_run(
    means: Means, ident: int, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(remapping, "remap_landed", fail)
    assert not dispatch.carry_out(means, take(means), lambda: None)
    assert rows(means.engine, SyncRun, "state", "error") == [("interrupted", f"unexpected {type(error).__name__}")]
    assert asked(means) == []
    assert taken_up(means) is None
