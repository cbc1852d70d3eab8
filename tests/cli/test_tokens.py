"""Tokens and service accounts from the command line: printed once, and every refusal has a remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portfolio.store.engine import open_engine
from tests.cli.conftest import Sightline
from tests.conftest import Clock
from webapp.accounts.tokens import present

TOKEN = re.compile(r"sl_\d+_[A-Za-z0-9_-]{43}\n")


@pytest.fixture
def robot(prepared: Sightline) -> Sightline:
    """A prepared folder with a service account that may do what an admin may."""
    added = prepared("user", "add", "robot", "--service", "--role", "admin")
    assert added.code == 0
    assert "sightline token make robot" in added.err
    return prepared


def make(robot: Sightline, *more: str) -> str:
    made = robot("token", "make", "robot", "--name", "nightly", "--permit", "sync.edit", *more)
    assert made.code == 0, made.err
    assert TOKEN.fullmatch(made.out)
    return made.out.strip()


def test_a_token_is_printed_once_and_opens(robot: Sightline, tmp_path: Path, clock: Clock) -> None:
    token = make(robot, "--days", "365")
    engine = open_engine(f"sqlite:///{tmp_path / 'var' / 'sightline.db'}")
    assert present(engine, token, clock()) is not None
    listed = robot("token", "list")
    assert "nightly" in listed.out
    assert token.split("_", 2)[2] not in listed.out
    found = robot("token", "list", "--json").document["tokens"][0]
    assert (found["user"], found["permits"], found["state"]) == ("robot", ["sync.edit"], "good")
    engine.dispose()


def test_a_revoked_token_opens_nothing(robot: Sightline, tmp_path: Path, clock: Clock) -> None:
    token = make(robot)
    assert robot("token", "revoke", "1").code == 0
    engine = open_engine(f"sqlite:///{tmp_path / 'var' / 'sightline.db'}")
    assert present(engine, token, clock()) is None
    engine.dispose()
    assert "sightline token list" in robot("token", "revoke", "1").err


def test_no_token_at_all(prepared: Sightline) -> None:
    assert "sightline token make" in prepared("token", "list").out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["robot", "--name", "n", "--permit", "kpis.view"], 1, "no right to kpis.view"),
        (["robot", "--name", "n", "--permit", "everything"], 2, "definitions.view"),
        (["robot", "--name", "n", "--permit", "sync.edit", "--days", "366"], 2, "365"),
        (["robot", "--name", " ", "--permit", "sync.edit"], 1, "needs a name"),
        (["nobody", "--name", "n", "--permit", "sync.edit"], 1, "sightline user add NAME --service"),
    ],
)
def test_what_cannot_be_made(robot: Sightline, words: list[str], code: int, said: str) -> None:
    refused = robot("token", "make", *words)
    assert refused.code == code
    assert said in refused.err
    assert refused.out == ""


def test_a_service_account_gets_no_password(robot: Sightline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_PASSWORD", "long enough to be good")
    refused = robot("user", "password", "robot")
    assert refused.code == 1
    assert "so it gets none" in refused.err
