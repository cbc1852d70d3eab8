"""What goes wrong gives one clear line, its exit code, and nothing half-written."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from simulator.faults import Fault
from simulator.serve import Simulator
from tests.cli.conftest import TOKEN, Outcome, Sightline


def _one_line(outcome: Outcome) -> str:
    (line,) = [line for line in outcome.err.splitlines() if line.startswith("error:")]
    assert "Traceback" not in outcome.err
    assert TOKEN not in outcome.err
    return line


def _rows(folder: Path, table: str) -> int:
    with sqlite3.connect(folder / "var" / "sightline.db") as store:
        return int(store.execute(f"select count(*) from {table}").fetchone()[0])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:1", "127.0.0.1:1"),
        ("http://no-such-host.invalid", "no-such-host.invalid"),
    ],
)
def test_a_wrong_address(add_cloud: Callable[..., Outcome], tmp_path: Path, address: str, said: str) -> None:
    refused = add_cloud(address=address)
    assert refused.code == 1
    assert said in _one_line(refused)
    assert _rows(tmp_path, "connection") == 0


def test_an_address_that_is_no_url(add_cloud: Callable[..., Outcome]) -> None:
    assert add_cloud(address="jira.example.invalid").code == 2


def test_an_address_where_no_tracker_answers(add_cloud: Callable[..., Outcome], tmp_path: Path) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        refused = add_cloud(address=f"http://127.0.0.1:{other.server_address[1]}")
        other.shutdown()
    assert refused.code == 1
    assert "No tracker answers at this address" in _one_line(refused)


def test_a_wrong_token(add_cloud: Callable[..., Outcome], tmp_path: Path) -> None:
    refused = add_cloud(token="a-wrong-token")
    assert refused.code == 1
    assert "token" in _one_line(refused)
    assert "a-wrong-token" not in refused.err
    assert _rows(tmp_path, "connection") == 0


def test_a_token_that_expires_during_a_run(
    add_cloud: Callable[..., Outcome], prepared: Sightline, simulator: Simulator, tmp_path: Path
) -> None:
    add_cloud()
    simulator.faults["jira_cloud"].add(Fault(path="search/jql", status=401, skip=2))
    failed = prepared("sync", "--json")
    assert failed.code == 1
    (run,) = failed.document
    assert run["state"] == "failed"
    assert "token" in run["error"]
    landed = _rows(tmp_path, "raw_record where stream = 'items'")
    assert landed == _rows(tmp_path, "work_item") + _rows(tmp_path, "quarantine")
    simulator.faults["jira_cloud"].clear()
    (healed,) = prepared("sync", "--json").document
    assert healed["state"] == "done"


@pytest.mark.parametrize("answer", ["html", "truncated", "empty", "login"])
def test_an_answer_that_is_no_answer(
    add_cloud: Callable[..., Outcome], prepared: Sightline, simulator: Simulator, tmp_path: Path, answer: str
) -> None:
    add_cloud()
    simulator.faults["jira_cloud"].add(Fault(path="project/search", answer=answer))
    failed = prepared("sync", "--json")
    assert failed.code == 1
    (run,) = failed.document
    assert run["state"] == "failed"
    assert "\n" not in run["error"]
    assert _rows(tmp_path, "project") == 0
    assert _rows(tmp_path, "cursor where stream in ('projects', 'items')") == 0


def test_an_unknown_project_in_the_scope(
    add_cloud: Callable[..., Outcome], prepared: Sightline, tmp_path: Path
) -> None:
    add_cloud("--scope", "NOSUCH", "--no-test")
    failed = prepared("sync", "--json")
    assert failed.code == 1
    assert "NOSUCH" in failed.document[0]["error"]
    assert _rows(tmp_path, "work_item") == 0


def test_a_misspelt_setting(sightline: Sightline, tmp_path: Path) -> None:
    (tmp_path / "sightline.toml").write_text("tmie_zone = 'UTC'\n", encoding="utf-8")
    refused = sightline("sync")
    assert refused.code == 1
    assert "Did you mean 'time_zone'?" in _one_line(refused)


def test_a_locked_database(
    add_cloud: Callable[..., Outcome], prepared: Sightline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_cloud()
    # The wait is real; only its length is cut so that the test need not sit through it.
    monkeypatch.setattr("portfolio.store.engine.BUSY_TIMEOUT_MS", 50)
    with sqlite3.connect(tmp_path / "var" / "sightline.db", isolation_level=None) as other:
        other.execute("begin immediate")
        failed = prepared("sync")
        other.execute("rollback")
    assert failed.code == 1
    assert "locked" in _one_line(failed)
    assert _rows(tmp_path, "work_item") == 0


def test_a_full_disk(add_cloud: Callable[..., Outcome], prepared: Sightline, tmp_path: Path) -> None:
    add_cloud()
    database = tmp_path / "var" / "sightline.db"
    limit = database.stat().st_size + 64 * 1024
    # No file of the process may grow past the limit: to SQLite that is a disk with no room.
    failed = subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main()", "sync"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert failed.returncode == 1
    assert "disk" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert _rows(tmp_path, "raw_record where stream = 'items'") == _rows(tmp_path, "work_item")
    healed = prepared("sync")
    assert healed.code == 0, healed.err
