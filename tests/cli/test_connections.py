"""A connection's life after it was added: corrected, rested, removed; and what is not added in the first place."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.serve import Simulator
from tests.cli.conftest import TOKEN, Outcome, Sightline


def _rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "var" / "sightline.db") as store:
        return store.execute(query).fetchall()


Add = Callable[..., Outcome]


@pytest.fixture
def add_dc(prepared: Sightline, simulator: Simulator) -> Add:
    """Add the simulated Data Center under a name with a blank."""

    def add(*more: str, name: str = "Jira DC", stdin: str = TOKEN + "\n") -> Outcome:
        return prepared(
            "connection", "add", name, "--tracker", "jira", "--sign-in", "personal_token",
            "--address", simulator.addresses["jira_datacenter"], *more, stdin=stdin,
        )  # fmt: skip

    return add


def test_the_next_command_can_be_pasted(add_dc: Add) -> None:
    assert "sightline sync 'Jira DC'" in add_dc("--no-test").err


def test_a_name_is_needed(add_dc: Add, tmp_path: Path) -> None:
    refused = add_dc(name="  ")
    assert refused.code == 2
    assert "name" in refused.err
    assert _rows(tmp_path, "select * from connection") == []


def test_a_taken_name_is_noticed_before_the_token_is_asked_for(add_dc: Add) -> None:
    add_dc("--no-test")
    refused = add_dc("--again", stdin="")
    assert refused.code == 1
    assert "exists already" in refused.err


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ((), (), True),
        (("--scope", "AA"), (), True),
        (("--scope", "AA", "--scope", "BB"), ("--scope", "BB"), True),
        (("--scope", "AA"), ("--scope", "BB"), False),
        ((), ("--again",), False),
    ],
)
def test_the_same_projects_twice_only_on_request(
    add_dc: Add, first: tuple[str, ...], second: tuple[str, ...], refused: bool
) -> None:
    assert add_dc("--no-test", *first).code == 0
    answer = add_dc("--no-test", *second, name="Other")
    assert answer.code == (1 if refused else 0)
    assert ("'Jira DC'" in answer.err and "--again" in answer.err) is refused


def test_a_scope_of_nothing_is_not_added(add_dc: Add, tmp_path: Path) -> None:
    refused = add_dc("--scope", "NOPE")
    assert refused.code == 1
    assert "Project NOPE of the scope" in refused.err
    assert "Correct the scope" in refused.err
    assert _rows(tmp_path, "select * from connection") == []


def test_the_test_of_a_scope_of_nothing_fails(add_dc: Add, prepared: Sightline) -> None:
    add_dc("--scope", "NOPE", "--no-test")
    tested = prepared("connection", "test", "Jira DC")
    assert tested.code == 1
    assert "Project NOPE of the scope" in tested.err


def test_a_wrong_connection_is_corrected(add_dc: Add, prepared: Sightline, simulator: Simulator) -> None:
    add_dc("--scope", "NOPE", "--no-test")
    assert prepared("connection", "edit", "Jira DC", "--scope", "").code == 0
    assert prepared("connection", "test", "Jira DC").code == 0
    wrong = prepared("connection", "edit", "Jira DC", "--token", stdin="a-wrong-token\n")
    assert wrong.code == 1
    assert "a-wrong-token" not in wrong.err
    assert prepared("connection", "test", "Jira DC").code == 0  # a refused correction changed nothing
    assert prepared("connection", "edit", "Jira DC", "--address", "http://127.0.0.1:1", "--no-test").code == 0
    assert prepared("connection", "test", "Jira DC").code == 1
    back = prepared("connection", "edit", "Jira DC", "--address", simulator.addresses["jira_datacenter"])
    assert back.code == 0


def test_what_is_not_given_stays(add_dc: Add, prepared: Sightline, tmp_path: Path) -> None:
    import json

    add_dc("--scope", "AA", "--proxy", "http://proxy.invalid:1", "--no-test")
    assert prepared("connection", "edit", "Jira DC", "--requests-per-minute", "60", "--no-test").code == 0
    ((kept,),) = _rows(tmp_path, "select settings from connection")
    settings = json.loads(str(kept))
    assert (settings["scope"], settings["requests_per_minute"]) == (["AA"], 60)
    assert (settings["proxy"], settings["sign_in"]) == ("http://proxy.invalid:1", "personal_token")


def test_a_token_moves_to_the_environment_and_back(
    add_dc: Add, prepared: Sightline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_dc("--no-test")
    monkeypatch.setenv("DC_TOKEN", TOKEN)
    assert prepared("connection", "edit", "Jira DC", "--secret-env", "DC_TOKEN").code == 0
    assert _rows(tmp_path, "select * from stored_secret") == []
    assert _rows(tmp_path, "select secret_ref from connection") == [("env:DC_TOKEN",)]
    assert prepared("connection", "edit", "Jira DC", "--secret-env", "", stdin=TOKEN + "\n").code == 0
    assert _rows(tmp_path, "select secret_ref from connection") == [("store",)]
    assert prepared("connection", "test", "Jira DC").code == 0


def test_an_edit_of_nothing_is_a_usage_error(add_dc: Add, prepared: Sightline) -> None:
    add_dc("--no-test")
    assert prepared("connection", "edit", "Jira DC").code == 2


def test_a_disabled_connection_rests(add_dc: Add, prepared: Sightline) -> None:
    add_dc("--no-test")
    assert prepared("connection", "disable", "Jira DC").code == 0
    assert [row["enabled"] for row in prepared("connection", "list", "--json").document] == [False]
    assert prepared("sync", "--json").document == []
    assert prepared("connection", "enable", "Jira DC").code == 0
    assert [row["enabled"] for row in prepared("connection", "list", "--json").document] == [True]


def test_a_connection_that_brought_nothing_can_be_removed(add_dc: Add, prepared: Sightline, tmp_path: Path) -> None:
    add_dc("--no-test")
    prepared("connection", "edit", "Jira DC", "--address", "http://127.0.0.1:1", "--no-test")
    assert prepared("sync").code == 1
    assert len(_rows(tmp_path, "select * from sync_run")) == 1  # a failed run is bookkeeping, no data
    removed = prepared("connection", "remove", "Jira DC")
    assert removed.code == 0, removed.err
    for table in ("connection", "stored_secret", "sync_run", "sync_run_stream"):
        assert _rows(tmp_path, f"select * from {table}") == []


def test_a_connection_with_data_is_not_removed(add_cloud: Add, prepared: Sightline, tmp_path: Path) -> None:
    add_cloud()
    assert prepared("sync").code == 0
    refused = prepared("connection", "remove", "Cloud")
    assert refused.code == 1
    assert "sightline connection disable Cloud" in refused.err
    assert "raw_record: " in refused.err
    assert len(_rows(tmp_path, "select * from connection")) == 1
    assert len(_rows(tmp_path, "select * from stored_secret")) == 1


def test_an_unknown_connection_is_named(prepared: Sightline) -> None:
    for words in (["edit", "X", "--token"], ["disable", "X"], ["enable", "X"], ["remove", "X"]):
        assert "there is no connection 'X'" in prepared("connection", *words).err
