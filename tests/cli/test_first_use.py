"""From an empty folder to a portfolio, with nothing but the command line."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.main import COMMANDS
from simulator.serve import Simulator
from tests.cli.conftest import TOKEN, Outcome, Sightline


@pytest.mark.parametrize(
    "words", [[], *([name] for name in COMMANDS), ["connection", "add"], ["connection", "test"], ["user", "add"]]
)
def test_every_command_helps(sightline: Sightline, words: list[str]) -> None:
    shown = sightline(*words, "--help")
    assert shown.code == 0
    assert shown.out.startswith("Usage: sightline")


@pytest.mark.parametrize("words", [["nonsense"], ["sync", "--nonsense"], ["connection", "add", "X"]])
def test_a_wrong_word_is_a_usage_error(sightline: Sightline, words: list[str]) -> None:
    assert sightline(*words).code == 2


def test_init_makes_a_private_key_and_says_a_made_up_password_once(sightline: Sightline, tmp_path: Path) -> None:
    first = sightline("init")
    assert first.code == 0
    assert "Password of admin: " in first.out
    keys = tmp_path / "var" / "keys"
    assert stat.S_IMODE(os.stat(keys).st_mode) == 0o600
    kept = keys.read_bytes()
    again = sightline("init")
    assert again.code == 0
    assert "Password" not in again.out
    assert keys.read_bytes() == kept


def test_the_way_to_a_portfolio(add_cloud: Callable[..., Outcome], prepared: Sightline, tmp_path: Path) -> None:
    added = add_cloud()
    assert added.code == 0, added.err
    assert "Cloud" in added.out
    listed = prepared("connection", "list", "--json")
    assert [row["name"] for row in listed.document] == ["Cloud"]
    tested = prepared("connection", "test", "Cloud", "--json")
    assert tested.document["flavour"] == "cloud"
    assert tested.document["projects"] > 0

    first = prepared("sync", "--json")
    assert first.code == 0, first.err
    (run,) = first.document
    assert run["state"] == "done"
    items = run["streams"]["items"]
    assert items["fetched"] == items["created"] > 50

    (again,) = prepared("sync", "Cloud", "--json").document
    assert again["streams"]["items"]["fetched"] == 0
    (whole,) = prepared("sync", "Cloud", "--full", "--json").document
    assert whole["streams"]["items"]["unchanged"] == items["fetched"]
    for run in (again, whole):
        assert all(counts["created"] == counts["updated"] == 0 for counts in run["streams"].values())

    looked = prepared("doctor", "--json")
    assert looked.code == 0, looked.out
    assert {finding["state"] for finding in looked.document} == {"ok"}
    for shown in (added, listed, tested, first, looked):
        assert TOKEN not in shown.out + shown.err
    assert TOKEN.encode() not in (tmp_path / "var" / "sightline.db").read_bytes()


def test_a_token_from_the_environment_is_never_stored(
    prepared: Sightline, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_TOKEN", TOKEN)
    words = (
        "connection",
        "add",
        "DC",
        "--tracker",
        "jira",
        "--sign-in",
        "personal_token",
        "--secret-env",
        "TRACKER_TOKEN",
    )
    assert prepared(*words, "--address", simulator.addresses["jira_datacenter"]).code == 0
    monkeypatch.delenv("TRACKER_TOKEN")
    refused = prepared("connection", "test", "DC")
    assert refused.code == 1
    assert "TRACKER_TOKEN" in refused.err


def test_a_command_before_init_says_what_to_do(sightline: Sightline) -> None:
    refused = sightline("sync")
    assert refused.code == 1
    assert "sightline init" in refused.err


def test_doctor_finds_what_is_wrong(
    prepared: Sightline, add_cloud: Callable[..., Outcome], simulator: Simulator
) -> None:
    from simulator.faults import Fault

    add_cloud()
    simulator.faults["jira_cloud"].add(Fault(status=401))
    looked = prepared("doctor", "--json")
    assert looked.code == 1
    assert [f["subject"] for f in looked.document if f["state"] == "failed"] == ["Cloud: tracker"]


def test_user_add_refuses_what_will_not_do(prepared: Sightline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_PASSWORD", "short")
    refused = prepared("user", "add", "pat", "--role", "auditor")
    assert refused.code == 1
    assert "password" in refused.err
    monkeypatch.setenv("SIGHTLINE_PASSWORD", "long enough to be good")
    assert prepared("user", "add", "pat", "--role", "auditor").code == 0
    assert prepared("user", "add", "pat").code == 1
