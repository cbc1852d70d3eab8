"""Three worker processes on one PostgreSQL share a connection; one is killed while it works.

What each worker held and when is written down by triggers in the database itself, so that nothing is missed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, func, select, text

from connector.settings import ConnectionSettings, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.base import Base
from portfolio.model.landing import RawRecord
from portfolio.model.oversight import KpiValue, SyncRun
from portfolio.model.people import Person, PersonIdentity
from portfolio.model.work import Dependency, FieldChange, ItemVersion, Transition, WorkItem, Worklog
from portfolio.store.engine import open_engine, reading, writing
from portfolio.store.migrate import upgrade
from simulator.company.build import build_company
from simulator.faults import Fault
from simulator.serve import Simulator
from sync.connections import add_connection
from sync.jobs.means import Means
from sync.jobs.sync import sync_job
from sync.modes import Mode
from sync.queue.schema import upgrade_queue
from sync.queue.worker import workers_alive
from sync.secrets import SecretStore
from tests.loopback import LOOPBACK, NETWORK
from tests.postgres import Server

TOKEN = "SCALE_OUT_TOKEN"
LATENCY_S = 0.05
COUNTED: tuple[type[Base], ...] = (
    RawRecord, WorkItem, ItemVersion, Transition, FieldChange, Dependency, Worklog, Person, PersonIdentity, KpiValue,
)  # fmt: skip

# Each change of hands of a slice.
HISTORY = """
CREATE TABLE history (id bigserial, run_id bigint, name text, state text, owner text, at timestamptz);
CREATE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF (OLD.state, OLD.owner) IS DISTINCT FROM (NEW.state, NEW.owner) THEN
    INSERT INTO history (run_id, name, state, owner, at)
    VALUES (NEW.run_id, NEW.slice, NEW.state, NEW.owner, clock_timestamp());
  END IF; RETURN NULL; END $$;
CREATE TRIGGER note_claim AFTER UPDATE ON slice_claim FOR EACH ROW EXECUTE FUNCTION note_claim();
"""


class Handed(NamedTuple):
    """A slice that changed hands."""

    run_id: int
    slice: str
    state: str
    owner: str | None
    at: datetime

    @property
    def process(self) -> int | None:
        return process_of(self.owner)


def process_of(owner: str | None) -> int | None:
    found = re.search(r"process (\d+)$", owner or "")
    return int(found[1]) if found else None


class Site:
    """A database with one connection to the simulated tracker, and workers on it."""

    def __init__(self, url: str, address: str, folder: Path) -> None:
        self.engine = open_engine(url)
        upgrade(self.engine)
        upgrade_queue(self.engine)
        settings = ConnectionSettings(
            tracker="jira", address=address, sign_in=SignIn.CLOUD_TOKEN, account="pmo@example.invalid"
        )
        self.id = add_connection(self.engine, "Cloud", settings, f"env:{TOKEN}", datetime.now(UTC), COMMAND)
        self.environ = {
            **os.environ,
            TOKEN: "simulated-token",
            "SIGHTLINE_DATABASE_URL": url,
            "SIGHTLINE_DATA_DIR": str(folder),
            # Slow enough to be met in the middle of the work.
            "SIGHTLINE_SYNC__THREADS": "1",
            "SIGHTLINE_JOBS__THREADS": "1",
            "SIGHTLINE_OUTBOUND__ALLOW_PRIVATE": NETWORK,
            "SIGHTLINE_KEYS": Fernet.generate_key().decode(),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        self.folder = folder
        self.workers: list[subprocess.Popen[str]] = []

    def start(self, count: int) -> None:
        """Start workers; nothing is due before all of them are at work."""
        with writing(self.engine) as store:
            store.exec_driver_sql("UPDATE connection SET enabled = false")
        for number in range(count):
            log = (self.folder / f"worker-{number}.log").open("w")
            command = [sys.executable, "-c", "from cli.main import main; main()", "worker"]
            self.workers.append(
                subprocess.Popen(command, env=self.environ, cwd=self.folder, stdout=log, stderr=log, text=True)
            )
        wait_for(lambda: workers_alive(self.engine) == count, self.logs)
        with writing(self.engine) as store:
            store.exec_driver_sql("UPDATE connection SET enabled = true")

    def logs(self) -> str:
        """What the workers said, for a test that waited in vain."""
        said = [path.read_text() for path in sorted(self.folder.glob("worker-*.log"))]
        return "\n".join([*said, *map(str, runs(self.engine))])

    def history(self) -> list[Handed]:
        with reading(self.engine) as store:
            rows = store.execute(text("SELECT run_id, name, state, owner, at FROM history ORDER BY id"))
            return [Handed(*row) for row in rows]

    def scalar(self, statement: str) -> Any:
        with reading(self.engine) as store:
            return store.scalar(text(statement))

    def counts(self) -> dict[str, int]:
        with reading(self.engine) as store:
            return {
                model.__tablename__: store.scalar(select(func.count()).select_from(model)) or 0 for model in COUNTED
            }

    def items(self) -> list[tuple[Any, ...]]:
        columns = (WorkItem.external_id, WorkItem.key, WorkItem.title, WorkItem.status, WorkItem.updated_at)
        with reading(self.engine) as store:
            return [tuple(row) for row in store.execute(select(*columns).order_by(WorkItem.external_id))]

    def end(self) -> None:
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            worker.wait(timeout=60)
        self.engine.dispose()


def wait_for(condition: Callable[[], bool], otherwise: Callable[[], str], seconds: float = 90) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, otherwise()
        threading.Event().wait(0.05)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(build_company(seed=3, today=date(2026, 3, 2), scale=0.2).cloud) as simulator:
        yield simulator


@pytest.fixture
def address(simulator: Simulator) -> str:
    return simulator.addresses["jira_cloud"]


@pytest.fixture
def make(postgres: Server, address: str, tmp_path: Path) -> Iterator[Callable[[], Site]]:
    made: list[tuple[Site, str]] = []

    def build() -> Site:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        url = postgres.create()
        made.append((Site(url, address, folder), url))
        return made[-1][0]

    yield build
    for site, url in made:
        site.end()
        postgres.drop(url)


def undisturbed(site: Site) -> None:
    """The same by one process alone."""
    secrets = SecretStore(site.engine, [], site.environ)
    means = Means(site.engine, secrets, lambda: datetime.now(UTC), outbound=LOOPBACK)
    summary = sync_job(means, site.id, Mode.INCREMENTAL, "hand")
    assert summary.state == "done"


def runs(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as store:
        return [tuple(row) for row in store.execute(select(SyncRun.mode, SyncRun.state).order_by(SyncRun.id))]


def held_by(history: list[Handed]) -> dict[tuple[int, str], Handed]:
    """Who reads which slice after all of that."""
    now: dict[tuple[int, str], Handed] = {}
    for each in history:
        now[each.run_id, each.slice] = each
    return {key: each for key, each in now.items() if each.state == "claimed"}


def overlaps(history: list[Handed], killed: int, killed_at: datetime) -> list[str]:
    """Where a slice came into other hands while its reader lived and was not done with it."""
    found = []
    now: dict[str, Handed] = {}
    for each in history:
        before = now.get(each.slice)
        taken_over = before is not None and before.state == "claimed" and each.state == "claimed"
        if taken_over and before is not None and not (before.process == killed and each.at >= killed_at):
            found.append(f"{before} -> {each}")
        now[each.slice] = each
    return found


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["the one who began the run", "a helper"])
def test_the_work_of_a_killed_worker_is_done_by_the_others(
    make: Callable[[], Site], simulator: Simulator, victim: str
) -> None:
    alone = make()
    undisturbed(alone)
    site = make()
    with writing(site.engine) as store:
        raw = store.connection.driver_connection
        assert raw is not None
        raw.execute(HISTORY)
    site.start(3)
    simulator.faults["jira_cloud"].add(Fault(latency_s=LATENCY_S))

    def owner() -> int | None:
        return process_of(site.scalar("SELECT owner FROM lease"))

    def readers() -> set[int | None]:
        return {each.process for each in held_by(site.history()).values()}

    wait_for(lambda: len(readers()) == 3, site.logs)
    began = owner()
    killed = began if victim.startswith("the one") else next(each for each in readers() if each != began)
    [worker] = [each for each in site.workers if each.pid == killed]
    worker.kill()
    worker.wait()
    killed_at = datetime.now(UTC)
    in_hand = {each.slice for each in held_by(site.history()).values() if each.process == killed}
    wait_for(lambda: bool(runs(site.engine)) and runs(site.engine)[-1][1] == "done", site.logs)

    history = site.history()
    assert in_hand, "it was killed in the middle of its work"
    assert in_hand <= {each.slice for each in history if each.state == "done" and each.process != killed}
    assert overlaps(history, worker.pid, killed_at) == []
    assert len({each.process for each in history if each.process}) == 3, "all three took part"
    assert site.counts() == alone.counts()
    assert site.items() == alone.items()
    assert [state for _, state in runs(site.engine) if state != "interrupted"] == ["done"]
    simulator.faults["jira_cloud"].clear()


@pytest.mark.slow
def test_a_worker_that_is_told_to_stop_leaves_its_run_to_the_others(
    make: Callable[[], Site], simulator: Simulator
) -> None:
    site = make()
    site.start(2)
    simulator.faults["jira_cloud"].add(Fault(latency_s=LATENCY_S))
    wait_for(lambda: site.scalar("SELECT count(*) FROM work_item") > 0, site.logs)
    pid = process_of(site.scalar("SELECT owner FROM lease"))
    [worker] = [each for each in site.workers if each.pid == pid]
    worker.terminate()
    assert worker.wait(timeout=30) == 0
    assert "This worker has stopped." in site.logs()
    wait_for(lambda: runs(site.engine)[-1][1] == "done", site.logs)
    assert [state for _, state in runs(site.engine)] == ["cancelled", "done"]
    simulator.faults["jira_cloud"].clear()
