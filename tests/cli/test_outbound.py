"""A tracker in a network that is not allowed: what a person is told, and what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cli.exits import CommandError
from cli.settings import load_settings
from simulator.serve import Simulator
from tests.cli.conftest import Outcome, Sightline
from tests.loopback import NETWORK

VARIABLE = "SIGHTLINE_OUTBOUND__ALLOW_PRIVATE"


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Calling it takes away the leave to reach this machine."""
    return lambda: monkeypatch.delenv(VARIABLE)


def test_adding_one_says_which_address_and_which_setting(
    add_cloud: Callable[..., Outcome], prepared: Sightline, simulator: Simulator, strict: Callable[[], None]
) -> None:
    strict()
    before = len(simulator.faults["jira_cloud"].log)
    refused = add_cloud()
    assert refused.code == 1
    said = " ".join(refused.err.split())
    assert "127.0.0.1 is this machine itself" in said
    assert 'outbound.allow_private = ["127.0.0.1/32"]' in said
    assert "Traceback" not in refused.err
    assert prepared("connection", "list", "--json").document == []
    assert len(simulator.faults["jira_cloud"].log) == before


def test_one_that_is_there_already_fails_for_good_and_the_doctor_says_why(
    add_cloud: Callable[..., Outcome], prepared: Sightline, strict: Callable[[], None]
) -> None:
    assert add_cloud().code == 0
    strict()
    failed = prepared("sync", "--json")
    assert failed.code == 1
    (run,) = failed.document
    assert (run["state"], "allow_private" in run["error"]) == ("failed", True)
    told = {found["subject"]: found for found in prepared("doctor", "--json").document}
    assert told["Cloud: tracker"]["state"] == "failed"
    assert "allow_private" in told["Cloud: tracker"]["detail"]
    for command in (("connection", "test", "Cloud"), ("connection", "webhooks", "status", "Cloud")):
        refused = prepared(*command)
        assert refused.code == 1
        assert "allow_private" in refused.err


def test_the_variable_takes_several_between_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"{NETWORK}, fd00::/8")
    monkeypatch.setenv("SIGHTLINE_OUTBOUND__HOSTS", ".Atlassian.net,app.asana.com")
    told = load_settings(None).outbound
    assert [str(network) for network in told.allow_private] == [NETWORK, "fd00::/8"]
    assert told.hosts == (".atlassian.net", "app.asana.com")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (VARIABLE, "8.8.8.0/24", r"'8\.8\.8\.0/24' is not a part of the private networks"),
        (VARIABLE, "everything", r"'everything' is no network"),
        ("SIGHTLINE_OUTBOUND__HOSTS", "https://jira.example.com", "is no host name"),
        ("SIGHTLINE_SERVER__HOSTS", "pmo.example.com:8080", "is no host name"),
    ],
)
def test_what_cannot_be_allowed_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(CommandError, match=f"the environment variable {variable}: .*{said}"):
        load_settings(None)
