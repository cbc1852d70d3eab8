"""Connections as a TOML file: written, taken back unchanged, changed, and what cannot be taken, named."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.serve import Simulator
from tests.cli.conftest import Outcome, Sightline


@pytest.fixture
def apply(prepared: Sightline, tmp_path: Path) -> Callable[..., Outcome]:
    def run(text: str, *options: str) -> Outcome:
        file = tmp_path / "connections.toml"
        file.write_text(text)
        return prepared("connection", "apply", str(file), *options)

    return run


def exported(sightline: Sightline) -> str:
    outcome = sightline("connection", "export")
    assert outcome.code == 0, outcome.err
    return outcome.out


def test_what_was_written_is_taken_back_and_changes_nothing(
    add_cloud: Callable[..., Outcome], prepared: Sightline, apply: Callable[..., Outcome]
) -> None:
    assert add_cloud().code == 0
    text = exported(prepared)
    assert "simulated-token" not in text
    assert tomllib.loads(text)["connections"]["Cloud"]["tracker"] == "jira"
    before = prepared("audit", "list", "--most", "1000", "--json").document
    taken = apply(text)
    assert taken.code == 0, taken.err
    assert exported(prepared) == text
    assert prepared("audit", "list", "--most", "1000", "--json").document == before


def test_a_new_connection_comes_out_of_a_file(
    prepared: Sightline, simulator: Simulator, apply: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"""
[connections.Cloud]
tracker = "jira"
address = "{simulator.addresses["jira_cloud"]}"
sign_in = "cloud_token"
account = "pmo@company.example"
token_env = "CLOUD_TOKEN"

[connections.Cloud.schedule]
incremental = "*/30 * * * *"
full = ""
"""
    missing = apply(text)
    assert missing.code != 0
    assert "CLOUD_TOKEN is not set" in missing.err
    monkeypatch.setenv("CLOUD_TOKEN", "simulated-token")
    assert apply(text).code == 0
    entry = tomllib.loads(exported(prepared))["connections"]["Cloud"]
    assert entry["token_env"] == "CLOUD_TOKEN"
    assert (entry["schedule"]["incremental"], entry["schedule"]["full"]) == ("*/30 * * * *", "")
    actions = {each["action"] for each in prepared("audit", "list", "--most", "1000", "--json").document}
    assert {"connection.added", "schedule.changed"} <= actions


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("tracker =", "trakcer ="), "there is no such word here"),
        (('tracker = "jira"', 'tracker = "redmine"'), "there is no tracker 'redmine'"),
        (('"cloud_token"', '"password"'), "none of the words that may stand here"),
        (('"*/30 * * * *"', '"every day"'), "connection 'Cloud': "),
        (("[connections.Cloud]", "format = 7\n[connections.Cloud]"), "which a newer Sightline wrote"),
        (('address = "https', 'address = "ftp'), "is not a URL"),
        (('token_env = "PATH"\n', ""), "is new: name the variable"),
        (("[connections.Cloud]", "[connections.Cloud"), "this is no TOML"),
    ],
)
def test_what_cannot_be_taken_is_named_and_nothing_is_written(
    prepared: Sightline, apply: Callable[..., Outcome], changed: tuple[str, str], said: str
) -> None:
    text = """
[connections.Cloud]
tracker = "jira"
address = "https://jira.invalid"
sign_in = "cloud_token"
account = "pmo@company.example"
token_env = "PATH"

[connections.Cloud.schedule]
incremental = "*/30 * * * *"
"""
    refused = apply(text.replace(*changed), "--no-test")
    assert refused.code != 0
    assert said in refused.err
    assert prepared("connection", "list", "--json").document == []


def test_a_file_does_not_say_where_a_stored_token_goes(
    add_cloud: Callable[..., Outcome], prepared: Sightline, apply: Callable[..., Outcome], simulator: Simulator
) -> None:
    assert add_cloud().code == 0
    text = exported(prepared)
    refused = apply(text.replace(simulator.addresses["jira_cloud"], simulator.addresses["jira_datacenter"]))
    assert refused.code != 0
    assert "has another address, which its token would be sent to" in refused.err
    assert exported(prepared) == text
