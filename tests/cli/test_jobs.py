"""Schedules, runs and the processes that sync by themselves, as a person uses them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select

from cli.runtime import Runtime, now
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import reading, writing
from simulator.faults import Fault
from simulator.serve import Simulator
from tests.cli.conftest import Outcome, Sightline


@pytest.fixture
def engine(prepared: Sightline) -> Engine:
    return Runtime.load(None).engine


def test_a_new_connection_has_the_usual_schedule(add_cloud: Callable[..., Outcome], prepared: Sightline) -> None:
    add_cloud()
    shown = prepared("connection", "schedule", "Cloud", "--json").document
    assert [(each["mode"], each["cron"], each["time_zone"], each["enabled"]) for each in shown["schedules"]] == [
        ("incremental", "*/10 * * * *", "UTC", True),
        ("census", "17 * * * *", "UTC", True),
        ("full", "0 3 * * 0", "UTC", True),
    ]
    assert shown["schedules"][0]["next"] is not None


def test_a_schedule_is_changed_in_the_words_of_cron(add_cloud: Callable[..., Outcome], prepared: Sightline) -> None:
    add_cloud()
    change = ("--full", "30 2 * * 6", "--time-zone", "Europe/Lisbon", "--disable", "census")
    shown = prepared("connection", "schedule", "Cloud", *change)
    assert shown.code == 0
    assert "At 02:30 on Saturday" in shown.out
    assert "never: disabled" in shown.out
    after = prepared("connection", "schedule", "Cloud", "--enable", "census", "--json").document["schedules"]
    assert [(each["cron"], each["time_zone"], each["enabled"]) for each in after] == [
        ("*/10 * * * *", "Europe/Lisbon", True),
        ("17 * * * *", "Europe/Lisbon", True),
        ("30 2 * * 6", "Europe/Lisbon", True),
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--full", "61 * * * *"), "--full '61 * * * *': Bad minute. For example: */10 * * * * is every ten minutes."),
        (("--census", "* * *"), "--census '* * *': Five fields are wanted"),
        (("--time-zone", "Middle/Earth"), "--time-zone 'Middle/Earth': This time zone is not known."),
        (("--enable", "full", "--disable", "full"), "--enable and --disable name the same kind of run."),
        (("--enable", "named"), "'named' is not one of"),
    ],
)
def test_what_cannot_be_read_changes_nothing(
    add_cloud: Callable[..., Outcome], prepared: Sightline, given: tuple[str, ...], said: str
) -> None:
    add_cloud()
    before = prepared("connection", "schedule", "Cloud", "--json").document
    shown = prepared("connection", "schedule", "Cloud", "--incremental", "0 * * * *", *given)
    assert shown.code == 2
    assert said in shown.err
    after = prepared("connection", "schedule", "Cloud", "--json").document
    assert [each["cron"] for each in after["schedules"]] == [each["cron"] for each in before["schedules"]]


def test_a_run_is_asked_to_stop_by_its_number(
    add_cloud: Callable[..., Outcome], prepared: Sightline, engine: Engine
) -> None:
    add_cloud()
    with writing(engine) as store:
        row = {"connection_id": 1, "mode": "full", "cause": "hand", "state": "running", "started_at": now()}
        run_id = store.execute(insert(SyncRun).values(**row).returning(SyncRun.id)).scalar_one()
    assert prepared("run", "cancel", str(run_id)).code == 0
    with reading(engine) as store:
        assert "at the command line" in (store.scalar(select(SyncRun.cancel_by)) or "")
    refused = prepared("run", "cancel", "99")
    assert refused.code == 1
    assert "there is no run 99 under way" in refused.err


def test_workers_need_postgresql(prepared: Sightline) -> None:
    shown = prepared("worker")
    assert shown.code == 1
    assert "workers share their work in a PostgreSQL database" in shown.err
    assert "sightline serve" in shown.err


def states(engine: Engine) -> list[str]:
    with reading(engine) as store:
        return list(store.scalars(select(SyncRun.state).order_by(SyncRun.id)))


def wait_for(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        threading.Event().wait(0.05)


def serve(folder: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from cli.main import main; main()", "serve", "--port", "0", *more]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    wait_for(lambda: "is served at" in (folder / "server.log").read_text())
    return server


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_syncs_by_itself_and_ends_when_it_is_told(
    add_cloud: Callable[..., Outcome], engine: Engine, simulator: Simulator, tmp_path: Path, number: signal.Signals
) -> None:
    add_cloud()
    server = serve(tmp_path)
    wait_for(lambda: states(engine) == ["done"])
    server.send_signal(number)
    assert server.wait(timeout=30) == 0
    # In the middle of a run it is no different.
    with writing(engine) as store:
        store.exec_driver_sql("UPDATE schedule SET fired_at = NULL WHERE mode = 'full'")
    simulator.faults["jira_cloud"].add(Fault(path="search", latency_s=0.2))
    server = serve(tmp_path)
    wait_for(lambda: states(engine) == ["done", "running"])
    server.send_signal(number)
    assert server.wait(timeout=30) == 0
    assert states(engine) == ["done", "cancelled"]
    assert "Traceback" not in (tmp_path / "server.log").read_text()


def test_a_server_without_jobs_only_serves(add_cloud: Callable[..., Outcome], engine: Engine, tmp_path: Path) -> None:
    add_cloud()
    server = serve(tmp_path, "--no-jobs")
    threading.Event().wait(0.5)
    server.terminate()
    assert server.wait(timeout=30) == 0
    assert states(engine) == []
