"""Names the command line offers stand in one place each: a new tracker or role is one line there."""

from __future__ import annotations

import importlib

import pytest

import cli.commands.connection
from connector.registry import TRACKERS
from portfolio.access.roles import Role
from tests.cli.conftest import Sightline


def test_a_new_tracker_can_be_chosen_at_once(sightline: Sightline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TRACKERS, "planner", ("connector.planner:Connector", "connector.planner:Reader"))
    try:
        importlib.reload(cli.commands.connection)
        assert "[asana|jira|planner]" in sightline("connection", "add", "--help").out
    finally:
        monkeypatch.undo()
        importlib.reload(cli.commands.connection)


def test_every_role_can_be_given(sightline: Sightline) -> None:
    shown = sightline("user", "add", "--help").out
    assert f"[{'|'.join(Role)}]" in "".join(shown.split())
