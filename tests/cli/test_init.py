"""`sightline init`: what it makes belongs to its owner alone, and it never makes a second key over stored tokens."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import TOKEN, Outcome, Sightline


def _mode(path: Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_only_the_owner_reads_the_data(prepared: Sightline, tmp_path: Path) -> None:
    prepared("connection", "list")
    assert _mode(tmp_path / "var") == 0o700
    made = [path for path in (tmp_path / "var").iterdir() if path.name.startswith("sightline.db")]
    assert made
    assert {_mode(path) for path in made} == {0o600}


def test_what_sqlite_adds_beside_the_database_is_as_private(prepared: Sightline, tmp_path: Path) -> None:
    from portfolio.store.engine import open_engine, writing

    with writing(open_engine(f"sqlite:///{tmp_path / 'var' / 'sightline.db'}")) as store:
        store.exec_driver_sql("create table beside (x integer)")
        beside = [path for path in (tmp_path / "var").iterdir() if path.suffix in (".db-wal", ".db-shm")]
        assert len(beside) == 2
        assert {_mode(path) for path in beside} == {0o600}


@pytest.mark.parametrize("words", [["init"], ["db", "upgrade"]])
def test_a_folder_that_cannot_be_made_is_named(sightline: Sightline, tmp_path: Path, words: list[str]) -> None:
    # A file in its place refuses everybody, the superuser of a test machine too.
    (tmp_path / "var").write_text("", encoding="utf-8")
    refused = sightline(*words)
    assert refused.code == 1
    assert str(tmp_path / "var") in refused.err
    assert "data_dir" in refused.err
    assert "defect" not in refused.err


def test_no_new_key_over_stored_tokens(add_cloud: Callable[..., Outcome], prepared: Sightline, tmp_path: Path) -> None:
    assert add_cloud("--no-test").code == 0
    keys = tmp_path / "var" / "keys"
    kept = keys.read_bytes()
    keys.unlink()
    asked = prepared("connection", "test", "Cloud")
    assert asked.code == 1
    assert "backup" in asked.err
    refused = prepared("init")
    assert refused.code == 1
    assert "backup" in refused.err
    assert "sightline init --new-key" in refused.err
    assert not keys.exists()
    assert prepared("init", "--new-key").code == 0
    assert keys.read_bytes() != kept
    lost = prepared("connection", "test", "Cloud")
    assert lost.code == 1
    assert "sightline connection edit Cloud --token" in lost.err
    assert TOKEN not in lost.err


def test_a_new_key_does_not_replace_one_in_use(prepared: Sightline, tmp_path: Path) -> None:
    keys = tmp_path / "var" / "keys"
    kept = keys.read_bytes()
    refused = prepared("init", "--new-key")
    assert refused.code == 1
    assert str(keys) in refused.err
    assert keys.read_bytes() == kept


def test_paths_are_told_from_the_root(sightline: Sightline, tmp_path: Path) -> None:
    assert str(tmp_path / "var" / "sightline.db") in sightline("sync").err
    assert str(tmp_path / "var" / "keys") in sightline("init").err


def test_a_database_address_that_cannot_be_read(sightline: Sightline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_DATABASE_URL", "no address at all")
    refused = sightline("init")
    assert refused.code == 1
    assert "database address" in refused.err
    assert "defect" not in refused.err
