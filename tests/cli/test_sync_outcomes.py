"""How a sync of several connections ends: each says its own outcome, and one in trouble holds up no other."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

import sync.run.pipeline
from cli.commands.sync import exit_code
from portfolio.model.landing import Lease
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import open_engine, writing
from portfolio.store.errors import DiskFull
from simulator.faults import Fault
from simulator.serve import Simulator
from sync.modes import Mode
from sync.progress import StreamCounts
from sync.run.runs import RunSummary
from tests.cli.conftest import TOKEN, Outcome, Sightline


@pytest.fixture
def two(add_cloud: Callable[..., Outcome], prepared: Sightline, simulator: Simulator) -> Sightline:
    """Two connections: "Cloud" and "Second"."""
    assert add_cloud().code == 0
    words = ("connection", "add", "Second", "--tracker", "jira", "--sign-in", "personal_token")
    assert prepared(*words, "--address", simulator.addresses["jira_datacenter"], stdin=TOKEN + "\n").code == 0
    return prepared


def _errors(outcome: Outcome) -> list[str]:
    assert "Traceback" not in outcome.err
    return [line for line in outcome.err.splitlines() if line.startswith("error:")]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (RuntimeError("a defect"), "unexpected RuntimeError at test_sync_outcomes.py"),
        (DiskFull("the disk that holds the database is full", "Free some space."), "the disk that holds the database"),
    ],
)
def test_trouble_in_one_connection_leaves_the_others_their_run(
    two: Sightline, monkeypatch: pytest.MonkeyPatch, trouble: Exception, said: str
) -> None:
    real = sync.run.pipeline.sync_connection

    def first_fails(engine: Any, connection_id: int, *arguments: Any, **options: Any) -> RunSummary:
        if connection_id == 1:
            raise trouble
        return real(engine, connection_id, *arguments, **options)

    monkeypatch.setattr(sync.run.pipeline, "sync_connection", first_fails)
    ended = two("sync", "--json")
    assert ended.code == 1
    assert [(run["connection"], run["state"]) for run in ended.document] == [("Second", "done")]
    (line,) = _errors(ended)
    assert line.startswith("error: Cloud: ")
    assert said in line


def test_a_connection_that_another_process_syncs_is_told_and_passed(two: Sightline, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    engine = open_engine(f"sqlite:///{tmp_path / 'var' / 'sightline.db'}")
    with writing(engine) as store:
        run = {"connection_id": 1, "mode": "full", "state": "running", "started_at": now}
        run_id = store.execute(insert(SyncRun).values(**run).returning(SyncRun.id)).scalar_one()
        held = {"connection_id": 1, "owner": "another", "run_id": run_id, "expires_at": now + timedelta(minutes=1)}
        store.execute(insert(Lease).values(**held))
    engine.dispose()
    ended = two("sync", "--json")
    assert ended.code == 1
    assert [run["connection"] for run in ended.document] == ["Second"]
    (line,) = _errors(ended)
    assert "is being synced by another process" in line


def test_a_part_out_of_reach_is_exit_code_3_and_a_warning_of_the_doctor(
    add_cloud: Callable[..., Outcome], prepared: Sightline, simulator: Simulator, tmp_path: Path
) -> None:
    add_cloud()
    simulator.faults["jira_cloud"].add(Fault(path="/board", status=403))
    ended = prepared("sync")
    assert ended.code == 3, ended.err
    assert "Cloud: incremental sync done, with gaps" in ended.err
    with sqlite3.connect(tmp_path / "var" / "sightline.db") as store:
        assert store.execute("select state from sync_run").fetchall() == [("partial",)]
    looked = prepared("doctor", "--offline", "--json")
    assert looked.code == 0
    (last,) = [finding for finding in looked.document if finding["subject"] == "Cloud: last run"]
    assert last["state"] == "warning"
    assert "some parts could not be read" in last["detail"]


def _ended(state: str, quarantined: int = 0) -> RunSummary:
    counts = {"items": StreamCounts(fetched=quarantined, quarantined=quarantined)}
    return RunSummary(run_id=1, mode=Mode.INCREMENTAL, state=state, streams=counts, error=None, seconds=1.0)


@pytest.mark.parametrize(
    ("summaries", "expected", "code"),
    [
        ([_ended("done")], 1, 0),
        ([_ended("done", 2)], 1, 3),
        ([_ended("partial"), _ended("done")], 2, 3),
        ([_ended("partial"), _ended("failed")], 2, 1),
        ([_ended("partial")], 2, 1),
    ],
)
def test_exit_codes(summaries: list[RunSummary], expected: int, code: int) -> None:
    assert exit_code(summaries, expected=expected) == code
