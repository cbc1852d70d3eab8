"""The queue that workers share: its tables, what waits in it, and a worker that comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from procrastinate.schema import SchemaManager
from sqlalchemy import Engine, inspect, text

from connector.protocol import RawRecord, Stream
from connector.settings import ConnectionSettings, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import open_engine, reading, writing
from portfolio.store.errors import SchemaBehind
from sync import versions
from sync.connections import add_connection
from sync.jobs.means import Means
from sync.landing.raw import Hashed, digest, land
from sync.modes import Mode
from sync.queue.app import Worker, add_tasks, enqueue, enqueue_help, open_queue
from sync.queue.schema import SCHEMA, require_queue, upgrade_queue
from sync.queue.worker import workers_alive
from sync.schedule import dispatch
from sync.schedule.dispatch import Task
from sync.schedule.requests import remap_wanted
from sync.secrets import SecretStore
from tests.postgres import Server
from tests.sync.asynchronous import completed
from tests.sync.builders import NOW, rows


@pytest.fixture
def engine(postgres: Server, postgres_template: str) -> Iterator[Engine]:
    """PostgreSQL alone: there is no queue elsewhere."""
    url = postgres.create(postgres_template)
    engine = open_engine(url)
    yield engine
    engine.dispose()
    postgres.drop(url)


def waiting(engine: Engine) -> list[tuple[str, str | None, str | None, int]]:
    query = f"SELECT task_name, lock, queueing_lock, priority FROM {SCHEMA}.procrastinate_jobs ORDER BY id"
    with reading(engine) as store:
        return [tuple(row) for row in store.execute(text(query))]


def test_the_queue_has_tables_of_its_own_and_ours_are_not_touched(engine: Engine) -> None:
    before = inspect(engine).get_table_names()
    with pytest.raises(SchemaBehind, match="sightline db upgrade"):
        require_queue(engine)
    upgrade_queue(engine)
    require_queue(engine)
    upgrade_queue(engine)
    assert inspect(engine).get_table_names() == before
    assert "procrastinate_jobs" in inspect(engine).get_table_names(schema=SCHEMA)
    assert workers_alive(engine) == 0


def test_a_queue_of_an_earlier_library_is_brought_along(engine: Engine) -> None:
    earlier = "03.02.00_50_post_batch_defer_jobs"
    steps = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    with writing(engine) as store:
        store.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    for step in steps[: [each.stem for each in steps].index(earlier) + 1]:
        with writing(engine) as store:
            store.exec_driver_sql(f"SET LOCAL search_path TO {SCHEMA}")
            raw = store.connection.driver_connection
            assert raw is not None
            raw.execute(step.read_text())
            store.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{step.stem}'")
    with pytest.raises(SchemaBehind, match=earlier):
        require_queue(engine)
    upgrade_queue(engine)
    require_queue(engine)
    assert completed(fill(engine)) == [True, False, True, True]


async def fill(engine: Engine) -> list[bool]:
    """Leave some tasks in the queue; which of them were taken."""
    app = open_queue(engine)
    async with app.open_async():
        due = Task(7, Mode.INCREMENTAL, "schedule", (Mode.INCREMENTAL,), 2)
        asked = Task(7, Mode.FULL, "hand", asked_by="ada")
        added = [await enqueue(app, task) for task in (due, due, asked, due._replace(connection_id=8))]
        await enqueue_help(app, 3, 2)
        return added


def test_what_is_like_something_waiting_does_not_wait_twice(engine: Engine) -> None:
    upgrade_queue(engine)
    assert completed(fill(engine)) == [True, False, True, True]
    assert waiting(engine) == [
        ("sync", "connection 7", "connection 7, incremental", 0),
        ("sync", "connection 7", "connection 7, full", 10),
        ("sync", "connection 8", "connection 8, incremental", 0),
        ("share", None, None, 20),
        ("share", None, None, 20),
    ]


def test_a_worker_maps_anew_what_somebody_approved(engine: Engine) -> None:
    upgrade_queue(engine)
    means = Means(engine, SecretStore(engine, [Fernet.generate_key().decode()], {}), lambda: NOW)
    settings = ConnectionSettings(tracker="jira", address="https://gone.invalid", sign_in=SignIn.PERSONAL_TOKEN)
    ident = add_connection(engine, "Gone", settings, "store", NOW, COMMAND)
    with writing(engine) as store:
        land(store, ident, [Hashed(RawRecord(Stream.ITEMS, "1", b"{}"), digest(b"{}"))], NOW)
        draft = versions.begin(store, NOW, "ada", COMMAND)
        versions.approve(store, draft.id, draft.revision, NOW, "ada", COMMAND)
    tasks = [wish.task for wish in dispatch.wanted(engine, NOW) if wish.task.mode is Mode.REMAP]

    async def work() -> None:
        app = open_queue(engine)
        add_tasks(app, Worker(means, lambda: None, lambda run, slices: None))
        async with app.open_async():
            assert [await enqueue(app, task) for task in tasks * 2] == [True, False]
            await app.run_worker_async(wait=False, install_signal_handlers=False)

    completed(work())
    assert rows(engine, SyncRun, "mode", "state") == [("remap", "done")]
    with reading(engine) as store:
        assert versions.taken_up(store, ident) == 1
        assert remap_wanted(store, ident) is None
