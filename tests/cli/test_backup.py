"""`sightline backup` and `sightline restore`, as whoever looks after an installation uses them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import zstandard
from cryptography.fernet import Fernet
from sqlalchemy import func, insert, select, update

from cli.runtime import Runtime, now
from portfolio.model.landing import Lease, StoredSecret
from portfolio.model.oversight import SyncRun
from portfolio.model.work import WorkItem
from portfolio.store.engine import reading, writing
from tests.cli.conftest import TOKEN, Outcome, Sightline
from tests.cli.databases import given_database, other_database

Add = Callable[..., Outcome]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", "postgresql"], autouse=True)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Each of these tests from each kind of database; where they restore, into the other."""
    for _ in given_database(request, monkeypatch, request.param):
        yield request.param


@pytest.fixture
def synced(add_cloud: Add, prepared: Sightline) -> Sightline:
    """The command line after a real sync with a real token."""
    assert add_cloud().code == 0
    assert prepared("sync").code == 0
    return prepared


def items() -> int:
    with reading(Runtime.load(None).engine) as store:
        return store.scalar(select(func.count()).select_from(WorkItem)) or 0


def test_from_one_kind_of_database_to_the_other(
    synced: Sightline, tmp_path: Path, kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = items()
    made = synced("backup", "all.backup", "--json")
    assert made.code == 0, made.err
    file = tmp_path / "all.backup"
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if ".part" in path.name] == []
    assert made.document["tables"]["work_item"]["rows"] == there > 50
    assert made.document["database"] == kind
    assert "keys are not in it" in made.document["keys"]
    assert synced("backup", "--verify", "all.backup", "--json").document["tables"] == made.document["tables"]
    assert synced("audit", "list", "--json").document[0]["action"] == "backup.made"

    other_database(request, monkeypatch, kind, tmp_path)
    back = synced("restore", "all.backup", "--json")
    assert back.code == 0, back.err
    assert back.document["unopened"] == []
    assert items() == there
    # The token is still sealed, and still opens.
    assert synced("connection", "test", "Cloud").code == 0
    again = synced("sync", "--json")
    assert again.code == 0, again.err
    assert again.document[0]["streams"]["items"]["created"] == 0
    assert synced("doctor", "--offline").code == 0
    told = [each["action"] for each in synced("audit", "list", "--json").document]
    assert "backup.restored" in told
    # It was made before it was noted, so the file does not know of itself.
    assert "backup.made" not in told
    assert synced("audit", "verify").code == 0


def test_no_token_is_in_a_backup_or_in_what_is_said(synced: Sightline, tmp_path: Path) -> None:
    keys = (tmp_path / "var" / "keys").read_text()
    said = [
        synced("backup", "all.backup"),
        synced("backup", "--verify", "all.backup"),
        synced("backup", "--verify", "all.backup", "--json"),
        synced("restore", "all.backup"),
        synced("restore", "all.backup", "--replace"),
        synced("restore", "all.backup", "--replace", "--yes", "--json"),
        synced("secrets", "list"),
        synced("secrets", "list", "--json"),
    ]
    plain = zstandard.ZstdDecompressor().stream_reader((tmp_path / "all.backup").open("rb")).read()
    with reading(Runtime.load(None).engine) as store:
        sealed = store.scalars(select(StoredSecret.token)).one()
    assert Fernet(keys.strip()).decrypt(sealed).decode() == TOKEN
    for secret in (TOKEN, keys.strip()):
        assert secret.encode() not in plain
        assert all(secret not in outcome.out + outcome.err for outcome in said)
    assert b"stored_secret" in plain


def test_without_the_keys_of_that_time_a_restore_says_what_is_missing(
    synced: Sightline, tmp_path: Path, kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert synced("backup", "all.backup").code == 0
    keys = tmp_path / "var" / "keys"
    kept = keys.read_bytes()
    keys.unlink()
    other_database(request, monkeypatch, kind, tmp_path)
    back = synced("restore", "all.backup")
    assert back.code == 0, back.err
    assert (
        f"1 stored secrets cannot be read with the keys at hand. Bring back the keys of that time ({keys})" in back.err
    )
    keys.write_bytes(kept)
    assert synced("connection", "test", "Cloud").code == 0


def test_what_is_there_is_destroyed_only_on_ones_word(synced: Sightline, tmp_path: Path) -> None:
    there = items()
    assert synced("backup", "all.backup").code == 0
    with writing(Runtime.load(None).engine) as store:
        store.execute(update(WorkItem).values(title="since"))
    refused = synced("restore", "all.backup")
    assert refused.code == 1
    assert "error: all.backup: the database is not empty" in refused.err
    unasked = synced("restore", "all.backup", "--replace")
    assert unasked.code == 1
    assert "--yes" in unasked.err
    with reading(Runtime.load(None).engine) as store:
        assert store.scalars(select(WorkItem.title).distinct()).all() == ["since"]
    done = synced("restore", "all.backup", "--replace", "--yes")
    assert done.code == 0, done.err
    assert "Everybody has to sign in anew" in done.err
    assert items() == there
    with reading(Runtime.load(None).engine) as store:
        assert "since" not in store.scalars(select(WorkItem.title)).all()


def test_nothing_is_replaced_under_a_run(synced: Sightline) -> None:
    assert synced("backup", "all.backup").code == 0
    with writing(Runtime.load(None).engine) as store:
        run = store.scalars(select(SyncRun.id)).first()
        lease = {"connection_id": 1, "owner": "elsewhere, process 1", "run_id": run}
        store.execute(insert(Lease).values(**lease, expires_at=now() + timedelta(minutes=1)))
    refused = synced("restore", "all.backup", "--replace", "--yes")
    assert refused.code == 1
    assert "a sync is under way (elsewhere, process 1)" in refused.err


def test_a_file_that_is_there_is_kept(prepared: Sightline, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    refused = prepared("backup", "mine")
    assert refused.code == 1
    assert f"there is a file {tmp_path / 'mine'} already" in refused.err
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "mine"


def test_in_a_folder_it_is_named_for_its_time(prepared: Sightline, tmp_path: Path) -> None:
    assert prepared("backup").code == 0
    (made,) = tmp_path.glob("sightline-*Z.backup")
    assert prepared("backup", "--verify", made.name).code == 0


def test_where_it_cannot_be_written_is_named(prepared: Sightline, tmp_path: Path) -> None:
    missing = prepared("backup", "no/such/folder/x")
    assert missing.code == 1
    assert f"{tmp_path}/no/such/folder/x cannot be written" in missing.err
    assert "Make its folder first" in missing.err
    assert "defect" not in missing.err


def test_a_disk_that_takes_no_more_leaves_no_file(synced: Sightline, tmp_path: Path) -> None:
    """A limit on the size of files is a full disk that a test may have."""
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)); import cli.main as m; m.main()"
    )
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    full = subprocess.run(
        [sys.executable, "-c", limited, "backup", "all"], capture_output=True, text=True, cwd=tmp_path, env=environ
    )
    assert full.returncode == 1
    assert f"{tmp_path / 'all'} cannot be written: File too large" in full.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["var"]


@pytest.mark.parametrize("words", [["restore"], ["backup", "--verify"]])
def test_what_is_no_whole_backup_is_said_of_the_file(prepared: Sightline, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "other").write_text("other", encoding="utf-8")
    refused = prepared(*words, "other")
    assert refused.code == 1
    assert "error: other: this is no backup of Sightline" in refused.err
    assert prepared("backup", "whole").code == 0
    (tmp_path / "half").write_bytes((tmp_path / "whole").read_bytes()[:-200])
    cut = prepared(*words, "half")
    assert cut.code == 1
    assert "half: the backup is damaged" in cut.err or "not empty" in cut.err
    gone = prepared(*words, "gone")
    assert gone.code == 1
    assert "gone cannot be read" in gone.err
