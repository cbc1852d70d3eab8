"""What there is to do, taking it up, and what becomes of it: through the real connector, on both databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, insert, update

from connector.errors import RateLimitedError, SignInError, TrackerDownError
from connector.protocol import Stream
from connector.settings import ConnectionSettings, Secret, SignIn
from connector.webhooks import Notice
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import Delivery, RunRequest
from portfolio.model.landing import Lease as LeaseRow
from portfolio.model.landing import Schedule as ScheduleRow
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import writing
from portfolio.store.errors import connection_lost
from simulator.company.build import build_company
from simulator.faults import Fault
from simulator.serve import Simulator
from sync.connections import add_connection
from sync.errors import BusyError, SecretError
from sync.hooks import deliveries
from sync.jobs.means import Means
from sync.modes import Mode
from sync.run.lease import TERM
from sync.schedule import dispatch, requests, timetable
from sync.schedule.backoff import again_after
from sync.schedule.dispatch import Task
from sync.schedule.embedded import STOPPING, Embedded
from sync.secrets import SecretStore
from tests.conftest import Clock
from tests.loopback import LOOPBACK
from tests.sync.builders import rows

TODAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def trackers() -> Iterator[Simulator]:
    with Simulator(build_company(seed=3, today=TODAY, scale=0.02).cloud) as simulator:
        yield simulator


@pytest.fixture
def simulator(trackers: Simulator) -> Iterator[Simulator]:
    yield trackers
    trackers.faults["jira_cloud"].clear()


@pytest.fixture
def means(engine: Engine, clock: Clock) -> Means:
    secrets = SecretStore(engine, [Fernet.generate_key().decode()], {})
    return Means(engine, secrets, clock, "UTC", 2, 0.2, LOOPBACK)


@pytest.fixture
def connect(means: Means, simulator: Simulator) -> Callable[[str], int]:
    """Adds a connection to the simulated Jira Cloud."""

    def add(name: str = "Cloud") -> int:
        address = simulator.addresses["jira_cloud"]
        settings = ConnectionSettings(
            tracker="jira", address=address, sign_in=SignIn.CLOUD_TOKEN, account="pmo@example.invalid"
        )
        ident = add_connection(means.engine, name, settings, "store", means.clock(), COMMAND)
        means.secrets.put(ident, Secret("simulated-token"), means.clock(), COMMAND)
        timetable.add_defaults(means.engine, "UTC", means.clock())
        return ident

    return add


def tasks(means: Means) -> list[Task]:
    return [wish.task for wish in dispatch.wanted(means.engine, means.clock())]


def take_first(means: Means) -> Task:
    wish = dispatch.wanted(means.engine, means.clock())[0]
    assert dispatch.take(means.engine, wish, means.clock())
    return wish.task


def never() -> None:
    return None


def runs(means: Means) -> list[tuple[str, str, str]]:
    return rows(means.engine, SyncRun, "mode", "cause", "state")  # type: ignore[return-value]


def hold(means: Means, connection_id: int) -> None:
    """Another machine syncs the connection."""
    row = {"connection_id": connection_id, "mode": "full", "cause": "hand", "state": "running"}
    with writing(means.engine) as store:
        add = insert(SyncRun).values(**row, started_at=means.clock())
        run_id = store.execute(add.returning(SyncRun.id)).scalar_one()
        lease = {"connection_id": connection_id, "owner": "elsewhere", "expires_at": means.clock() + TERM}
        store.execute(insert(LeaseRow).values(run_id=run_id, **lease))


def test_a_due_run_is_done_and_not_due_again(means: Means, connect: Callable[[], int], clock: Clock) -> None:
    ident = connect()
    task = take_first(means)
    assert task == Task(ident, Mode.INCREMENTAL, "schedule", (Mode.INCREMENTAL,))
    assert dispatch.carry_out(means, task, never)
    assert runs(means) == [("incremental", "schedule", "done")]
    assert tasks(means) == []
    clock.advance(minutes=17)
    assert [each.mode for each in tasks(means)] == [Mode.CENSUS]
    assert take_first(means).answers == (Mode.CENSUS, Mode.INCREMENTAL)


def test_a_connection_that_is_being_synced_is_left_out_and_stays_due(
    means: Means, connect: Callable[[], int], clock: Clock
) -> None:
    hold(means, connect())
    assert tasks(means) == []
    clock.now += TERM
    assert [each.mode for each in tasks(means)] == [Mode.INCREMENTAL]


def test_one_who_comes_too_late_puts_it_back(means: Means, connect: Callable[[], int], clock: Clock) -> None:
    ident = connect()
    requests.request(means.engine, ident, "full", "ada", clock(), COMMAND)
    asked, planned = dispatch.wanted(means.engine, clock())
    assert dispatch.take(means.engine, asked, clock())
    assert not dispatch.take(means.engine, asked, clock())
    assert dispatch.take(means.engine, planned, clock())
    hold(means, ident)
    assert not dispatch.carry_out(means, asked.task, never)
    assert not dispatch.carry_out(means, planned.task, never)
    assert rows(means.engine, RunRequest, "mode", "asked_by") == [("full", "ada")]
    clock.advance(seconds=90)
    assert [(each.mode, each.cause) for each in tasks(means)] == [
        (Mode.FULL, "hand"),
        (Mode.INCREMENTAL, "schedule"),
    ]


def test_what_only_a_person_can_mend_waits_for_the_next_due_time(
    means: Means, connect: Callable[[], int], simulator: Simulator, clock: Clock
) -> None:
    connect()
    simulator.faults["jira_cloud"].add(Fault(status=401))
    assert not dispatch.carry_out(means, take_first(means), never)
    assert runs(means) == [("incremental", "schedule", "failed")]
    clock.advance(minutes=9)
    assert tasks(means) == []
    clock.advance(minutes=1)
    assert len(tasks(means)) == 1


def test_a_secret_that_cannot_be_had_is_logged_and_not_hammered_at(
    means: Means, connect: Callable[[], int], clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    ident = connect()
    dispatch.carry_out(means, take_first(means), never)
    with writing(means.engine) as store:
        deliveries.keep(store, ident, "d1", Notice(items=("1",)), clock())
    broken = means._replace(secrets=SecretStore(means.engine, [Fernet.generate_key().decode()], {}))
    task = take_first(means)
    assert task.mode is Mode.NAMED
    assert not dispatch.carry_out(broken, task, never)
    assert "cannot be decrypted" in caplog.text
    assert tasks(means) == []
    clock.advance(minutes=31)
    assert [each.cause for each in tasks(means)] == ["webhook", "schedule"]


def test_a_defect_is_told_without_its_text(
    means: Means, connect: Callable[[], int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connect()

    def stop() -> str | None:
        raise RuntimeError("what the tracker said")

    assert not dispatch.carry_out(means, take_first(means), stop)
    assert "unexpected RuntimeError at test_dispatch.py" in caplog.text
    assert "what the tracker said" not in caplog.text
    assert tasks(means) == []


def test_what_a_tracker_told_of_is_fetched(means: Means, connect: Callable[[], int], clock: Clock) -> None:
    ident = connect()
    dispatch.carry_out(means, take_first(means), never)
    with writing(means.engine) as store:
        deliveries.keep(store, ident, "d1", Notice(streams=(Stream.SPRINTS,)), clock())
    assert dispatch.carry_out(means, take_first(means), never)
    assert runs(means)[1:] == [("incremental", "webhook", "done")]
    assert rows(means.engine, Delivery, "state") == [("done",)]
    assert tasks(means) == []


def test_a_run_that_ends_with_its_process_is_due_again_at_once(means: Means, connect: Callable[[], int]) -> None:
    connect()
    assert not dispatch.carry_out(means, take_first(means), lambda: STOPPING)
    assert runs(means) == [("incremental", "schedule", "cancelled")]
    assert [each.mode for each in tasks(means)] == [Mode.INCREMENTAL]
    assert dispatch.carry_out(means, take_first(means), never)


def test_a_run_that_a_person_stopped_is_not_begun_again(means: Means, connect: Callable[[], int]) -> None:
    connect()

    def cancel() -> str | None:
        with writing(means.engine) as store:
            store.execute(update(SyncRun).values(cancel_by="ada"))
        return None

    assert dispatch.carry_out(means, take_first(means), cancel)
    assert runs(means) == [("incremental", "schedule", "cancelled")]
    assert tasks(means) == []


def wait_for(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        threading.Event().wait(0.02)


def test_the_threads_of_two_servers_never_do_the_same(means: Means, connect: Callable[[str], int]) -> None:
    idents = {connect(name) for name in ("one", "two", "three")}
    with Embedded(means, 2, every_s=0.02), Embedded(means, 2, every_s=0.02):
        wait_for(lambda: len(runs(means)) == 3 and all(state == "done" for _, _, state in runs(means)))
        threading.Event().wait(0.1)
    assert {ident for (ident,) in rows(means.engine, SyncRun, "connection_id")} == idents
    assert runs(means) == [("incremental", "schedule", "done")] * 3
    settled = rows(means.engine, ScheduleRow, "again_at", "attempts")
    assert settled == [(None, 0)] * 9


def test_a_stopping_server_ends_its_runs_between_two_batches(
    means: Means, connect: Callable[[], int], simulator: Simulator
) -> None:
    connect()
    simulator.faults["jira_cloud"].add(Fault(path="search", latency_s=0.05))
    with Embedded(means, 1, every_s=0.02):
        wait_for(lambda: bool(runs(means)))
    [(_, _, state)] = runs(means)
    assert state == "cancelled"
    assert rows(means.engine, LeaseRow) == []
    assert [each.mode for each in tasks(means)] == [Mode.INCREMENTAL]


def test_a_server_waits_for_a_database_that_is_away(
    means: Means, connect: Callable[[], int], caplog: pytest.LogCaptureFixture
) -> None:
    connect()
    with writing(means.engine) as store:
        store.exec_driver_sql("ALTER TABLE run_request RENAME TO elsewhere")
    with Embedded(means, 1, every_s=0.02):
        wait_for(lambda: "jobs wait for the database" in caplog.text)
        with writing(means.engine) as store:
            store.exec_driver_sql("ALTER TABLE elsewhere RENAME TO run_request")
        wait_for(lambda: runs(means) == [("incremental", "schedule", "done")])
    assert caplog.text.count("jobs wait for the database") == 1


def test_two_attempts_are_further_apart_each_time() -> None:
    down = TrackerDownError("The tracker does not answer")
    waits = [again_after(down, attempts) for attempts in (1, 2, 3, 4, 5)]
    assert waits == [*(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)), None]
    assert again_after(RateLimitedError("Too fast", retry_after=2400), 1) == timedelta(minutes=40)
    assert again_after(RateLimitedError("Too fast", retry_after=5), 2) == timedelta(minutes=2)
    assert again_after(SignInError("The token was refused"), 1) is None
    assert again_after(SecretError(1, "No token.", "Enter it."), 1) is None
    assert again_after(BusyError("one", "elsewhere", None), 9) == timedelta(seconds=30)
    assert again_after(connection_lost(), 3) == timedelta(minutes=1)
    assert again_after(RuntimeError(), 1) == timedelta(minutes=1)
