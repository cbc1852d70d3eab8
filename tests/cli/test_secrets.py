"""`sightline secrets`: keys are rotated while everything stored stays readable, whatever happens meanwhile."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import Engine, insert, select, update

from cli.runtime import Runtime, now
from connector.settings import Secret
from portfolio.audit.entry import COMMAND
from portfolio.audit.verify import verify
from portfolio.model.access import AuditEntry, User
from portfolio.model.landing import StoredSecret, Webhook
from portfolio.store.engine import reading, writing
from tests.cli.conftest import TOKEN, Outcome, Sightline
from tests.cli.databases import given_database

Add = Callable[..., Outcome]
ROOT = Path(__file__).resolve().parents[2]
WEBHOOK, FACTOR = b"webhook-secret-words", b"second-factor-words"


@pytest.fixture(params=["sqlite", "postgresql"], autouse=True)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for _ in given_database(request, monkeypatch, request.param):
        yield request.param


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "var" / "keys"


@pytest.fixture
def stored(add_cloud: Add, prepared: Sightline, keys: Path) -> Sightline:
    """The command line with a secret of each kind in the store."""
    assert add_cloud("--no-test").code == 0
    cipher = Fernet(keys.read_text().strip())
    with writing(Runtime.load(None).engine) as store:
        hook = {"connection_id": 1, "resource": "", "door": "d", "state": "active", "created_at": now()}
        store.execute(insert(Webhook).values(**hook, secret=cipher.encrypt(WEBHOOK)))
        store.execute(insert(Webhook).values(**hook | {"resource": "none", "door": "e"}, secret=None))
        store.execute(update(User).values(totp_secret=cipher.encrypt(FACTOR)))
    return prepared


def sealed(engine: Engine) -> list[bytes]:
    with reading(engine) as store:
        return [
            store.scalars(select(StoredSecret.token)).one(),
            store.scalars(select(Webhook.secret).where(Webhook.secret.is_not(None))).one() or b"",
            store.scalars(select(User.totp_secret)).one() or b"",
        ]


def opened(lines: list[str]) -> list[bytes]:
    cipher = MultiFernet([Fernet(line) for line in lines])
    return [cipher.decrypt(value) for value in sealed(Runtime.load(None).engine)]


PLAIN = [TOKEN.encode(), WEBHOOK, FACTOR]


def test_rotating_and_dropping(stored: Sightline, keys: Path) -> None:
    (old,) = keys.read_text().split()
    before = sealed(Runtime.load(None).engine)
    turned = stored("secrets", "rotate")
    assert turned.code == 0, turned.err
    assert "3 stored secrets are encrypted with a new key" in turned.err
    assert "everybody has to sign in again" in turned.err
    new, *older = keys.read_text().split()
    assert older == [old]
    assert stat.S_IMODE(os.stat(keys).st_mode) == 0o600
    assert opened([new]) == PLAIN
    assert not set(before) & set(sealed(Runtime.load(None).engine))

    dropped = stored("secrets", "drop-old")
    assert dropped.code == 0, dropped.err
    assert "Backups from before" in dropped.err
    assert keys.read_text().split() == [new]
    assert stat.S_IMODE(os.stat(keys).st_mode) == 0o600
    assert stored("connection", "test", "Cloud").code == 0
    assert "only one key" in stored("secrets", "drop-old").err
    with reading(Runtime.load(None).engine) as store:
        assert store.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()[-2:] == [
            "keys.rotated",
            "keys.dropped",
        ]
        assert verify(store).broken_at is None


def test_what_is_stored_is_listed_without_its_value(stored: Sightline, keys: Path) -> None:
    shown = stored("secrets", "list", "--json")
    assert [(each["what"], each["owner"], each["key"]) for each in shown.document] == [
        ("token", "Cloud", 0),
        ("webhook secret", "Cloud", 0),
        ("second factor", "admin", 0),
    ]
    text = stored("secrets", "list").out
    assert "newest" in text
    for secret in (TOKEN, WEBHOOK.decode(), FACTOR.decode(), keys.read_text().strip()):
        assert secret not in text + shown.out


def test_nothing_is_said_of_keys_and_secrets(stored: Sightline, keys: Path) -> None:
    said = [stored("secrets", "rotate"), stored("secrets", "list"), stored("secrets", "drop-old")]
    secret = [TOKEN, WEBHOOK.decode(), FACTOR.decode(), *keys.read_text().split()]
    assert not [word for word in secret for outcome in said if word in outcome.out + outcome.err]
    assert not [word for word in secret if word in repr(Runtime.load(None).secrets)]


def test_an_older_key_that_is_needed_is_not_dropped(stored: Sightline, keys: Path) -> None:
    (old,) = keys.read_text().split()
    keys.write_text(f"{Fernet.generate_key().decode()}\n{old}\n")
    kept = keys.read_bytes()
    refused = stored("secrets", "drop-old")
    assert refused.code == 1
    assert "3 stored secrets need an older key, such as the token of 'Cloud'" in refused.err
    assert "sightline secrets rotate" in refused.err
    assert keys.read_bytes() == kept


def test_a_key_put_in_front_by_hand_is_taken(stored: Sightline, keys: Path) -> None:
    """As it is done where the file has to be on several machines before anything is encrypted with a new key."""
    (old,) = keys.read_text().split()
    mine = Fernet.generate_key().decode()
    keys.write_text(f"{mine}\n{old}\n")
    assert "the key that was in front already" in stored("secrets", "rotate").err
    assert keys.read_text().split() == [mine, old]
    assert opened([mine]) == PLAIN


def test_under_a_wrong_key_nothing_is_changed(stored: Sightline, keys: Path) -> None:
    keys.write_text(f"{Fernet.generate_key().decode()}\n")
    kept, before = keys.read_bytes(), sealed(Runtime.load(None).engine)
    for words in (["rotate"], ["drop-old"]):
        refused = stored("secrets", *words)
        assert refused.code == 1
        assert "token of 'Cloud', webhook secret of 'Cloud', second factor of 'admin'" in refused.err
        assert keys.read_bytes() == kept
        assert sealed(Runtime.load(None).engine) == before
    assert "none at hand" in stored("secrets", "list").out


def test_keys_of_the_environment_are_changed_there(
    stored: Sightline, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old,) = keys.read_text().split()
    kept = keys.read_bytes()
    monkeypatch.setenv("SIGHTLINE_KEYS", old)
    refused = stored("secrets", "rotate")
    assert refused.code == 1
    assert "Put a new key in front of SIGHTLINE_KEYS" in refused.err
    assert "openssl rand -base64 32 | tr '+/' '-_'" in refused.err
    new = Fernet.generate_key().decode()
    monkeypatch.setenv("SIGHTLINE_KEYS", f"{new},{old}")
    assert stored("secrets", "drop-old").code == 1
    assert stored("secrets", "rotate").code == 0
    assert "take the others out of SIGHTLINE_KEYS" in stored("secrets", "drop-old").err
    assert opened([new]) == PLAIN
    assert keys.read_bytes() == kept


def test_a_key_made_as_the_words_say_is_one() -> None:
    made = subprocess.run("openssl rand -base64 32 | tr '+/' '-_'", shell=True, capture_output=True, check=True)
    assert Fernet(made.stdout.strip()) is not None


def test_a_process_that_runs_goes_on_over_a_rotation(stored: Sightline, keys: Path) -> None:
    running = Runtime.load(None).secrets
    assert running.get(1).reveal() == TOKEN
    assert stored("secrets", "rotate").code == 0
    assert running.get(1).reveal() == TOKEN
    assert stored("secrets", "drop-old").code == 0
    assert running.get(1).reveal() == TOKEN
    running.put(1, Secret("another"), now(), COMMAND)
    (newest,) = keys.read_text().split()
    assert opened([newest])[0] == b"another"
    # Somebody moved the file: whoever has read it goes on.
    keys.unlink()
    assert running.get(1).reveal() == "another"


def test_a_rotation_that_is_killed_at_any_point_can_be_done_again(stored: Sightline, keys: Path) -> None:
    first = keys.read_text().split()
    kills = 0
    with subprocess.Popen(
        [sys.executable, "-m", "tests.cli.killed", "secrets", "rotate"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as victims:
        assert victims.stdin is not None
        assert victims.stdout is not None
        for line in victims.stdout:
            lines = keys.read_text().split()
            assert lines[-len(first) :] == first
            assert opened(lines) == PLAIN
            if int(line) == 0:
                break
            kills += 1
            if lines != first:
                # The file had its new key already: the next one takes it, ends well, and needs the old keys no more.
                assert stored("secrets", "rotate").code == 0
                first = keys.read_text().split()
                assert opened(first[:1]) == PLAIN
            victims.stdin.write("\n")
            victims.stdin.flush()
        victims.stdin.close()
    assert kills > 12
    assert stored("secrets", "drop-old").code == 0
    assert opened(keys.read_text().split()) == PLAIN
