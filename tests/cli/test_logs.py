"""What a process logs: who reads it can follow a run, and learns nothing that is not theirs to know."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import pytest
import structlog

from cli.logs import set_up
from cli.settings import LogSection
from simulator.faults import Fault
from simulator.serve import Simulator
from sync.log import naming
from tests.cli.conftest import TOKEN, Outcome, Sightline


def _lines(err: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in err.splitlines() if line.startswith("{")]


def test_a_run_can_be_followed_and_every_line_names_it(
    add_cloud: Callable[..., Outcome], prepared: Sightline, simulator: Simulator
) -> None:
    assert add_cloud().code == 0
    # Hard enough for the tracker to fail here and there, and be asked again.
    simulator.faults["jira_cloud"].add(Fault(path="/search", status=503, count=2))
    synced = prepared("sync", "Cloud")
    assert synced.code == 0
    lines = [line for line in _lines(synced.err) if line.get("run")]
    events = [line["event"] for line in lines]
    assert events[0] == "run started"
    assert events[-1] == "run ended"
    assert events.count("request repeated") == 2
    assert {line["stream"] for line in lines if line["event"] == "stream read"} >= {"projects", "items", "people"}
    assert {(line["run"], line["connection"]) for line in lines} == {(1, "Cloud")}
    assert TOKEN not in synced.err
    assert "jql" not in synced.err.lower()


def test_lines_are_for_people_where_that_is_set(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogSection(format="text", level="info"))
    structlog.get_logger().info("run started", mode="full", hostile="a\x1b[2Jb")
    line = capsys.readouterr().err
    assert line.endswith("info    run started hostile='a\\x1b[2Jb' mode='full'\n")
    set_up(LogSection(format="text", level="warning"))
    structlog.get_logger().info("not grave enough")
    assert capsys.readouterr().err == ""


def test_an_exception_is_told_by_its_kind_and_its_places(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogSection(format="json"))
    try:
        raise ValueError("what a tracker wrote")
    except ValueError:
        logging.getLogger("some.library").exception("it failed")
    captured = capsys.readouterr().err
    (line,) = _lines(captured)
    assert (line["problem"], line["logger"], line["level"]) == ("ValueError", "some.library", "error")
    assert "test_logs.py:" in line["trace"]
    assert "what a tracker wrote" not in captured


def test_addresses_of_doors_and_what_client_libraries_say_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogSection(format="json"))
    logging.getLogger("flask").error("Exception on /hooks/an-unguessable-door [POST]")
    logging.getLogger("urllib3.connectionpool").warning("Retrying after /rest/api?jql=secret")
    captured = capsys.readouterr().err
    assert [line["event"] for line in _lines(captured)] == ["Exception on /hooks/*** [POST]"]


def test_threads_started_for_a_run_name_it(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogSection(format="json"))
    with naming("Jira EU", 7):
        thread = threading.Thread(target=copy_context().run, args=(structlog.get_logger().warning, "throttled"))
    thread.start()
    thread.join()
    (line,) = _lines(capsys.readouterr().err)
    assert (line["connection"], line["run"]) == ("Jira EU", 7)
