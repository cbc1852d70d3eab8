"""Accounts from the command line: passwords come from the environment or a prompt, and every refusal has a remedy."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from portfolio.model.access import User
from portfolio.store.engine import open_engine, reading, writing
from tests.cli.conftest import Sightline
from webapp.accounts.passwords import check_password
from webapp.accounts.users import find_user, user_named


@pytest.fixture
def pat(prepared: Sightline, monkeypatch: pytest.MonkeyPatch) -> Sightline:
    """A prepared folder where Pat has an account."""
    monkeypatch.setenv("SIGHTLINE_PASSWORD", "the first pass phrase")
    assert prepared("user", "add", "pat").code == 0
    monkeypatch.delenv("SIGHTLINE_PASSWORD")
    return prepared


@pytest.mark.parametrize("words", [["user", "add", "sam"], ["user", "password", "pat"]])
def test_without_a_terminal_the_variable_is_named(pat: Sightline, words: list[str]) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        refused = pat(*words)
    assert refused.code == 1
    assert "SIGHTLINE_PASSWORD" in refused.err
    assert len(refused.err.splitlines()) == 1
    assert not warned


def test_a_short_password_is_answered_with_a_remedy(pat: Sightline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_PASSWORD", "short")
    assert "12 to 1000 characters. Choose" in pat("user", "add", "sam").err
    assert "12 to 1000 characters. Choose" in pat("user", "password", "pat").err


def test_a_taken_name_is_answered_with_a_remedy(pat: Sightline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_PASSWORD", "long enough to be good")
    assert "already a user 'pat'. Choose another name" in pat("user", "add", "pat").err


def test_a_new_password_ends_the_sessions_of_the_old(
    pat: Sightline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'var' / 'sightline.db'}")
    before = check_password(engine, "pat", "the first pass phrase")
    assert before is not None
    monkeypatch.setenv("SIGHTLINE_PASSWORD", "the second pass phrase")
    assert pat("user", "password", "pat").code == 0
    assert check_password(engine, "pat", "the first pass phrase") is None
    assert check_password(engine, "pat", "the second pass phrase") is not None
    with reading(engine) as store:
        assert find_user(store, before.id, before.epoch) is None


def test_a_password_for_nobody(pat: Sightline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_PASSWORD", "long enough to be good")
    refused = pat("user", "password", "nobody")
    assert refused.code == 1
    assert "there is no user 'nobody'" in refused.err
    assert "sightline user add" in refused.err


def test_a_lost_second_factor_is_taken_away(pat: Sightline, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'var' / 'sightline.db'}")
    assert "has no second factor; nothing was changed" in pat("user", "reset-second-factor", "pat").err
    with writing(engine) as store:
        store.execute(update(User).values(totp_secret=b"sealed", totp_since=datetime(2026, 3, 2, tzinfo=UTC)))
        before = user_named(store, "pat")
    assert before is not None
    done = pat("user", "reset-second-factor", "pat")
    assert done.code == 0
    assert "signed out everywhere" in done.err
    with reading(engine) as store:
        after = user_named(store, "pat")
        assert after is not None
        assert (before.second_factor, after.second_factor) == (True, False)
        assert find_user(store, before.id, before.epoch) is None
    refused = pat("user", "reset-second-factor", "nobody")
    assert refused.code == 1
    assert "there is no user 'nobody'" in refused.err
