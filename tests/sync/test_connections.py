"""Connections and their secrets."""

from __future__ import annotations

import msgspec
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from connector.errors import BadAddressError
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import StoredSecret
from sync.connections import add_connection, find_connection, list_connections, open_connection
from sync.errors import SecretError, TakenNameError, UnknownConnectionError
from sync.secrets import SecretStore
from tests.loopback import LOOPBACK
from tests.sync.builders import NOW, rows

SETTINGS = ConnectionSettings(
    tracker="asana", address="https://tracker.invalid/api/1.0", sign_in=SignIn.PERSONAL_TOKEN, scope=("1", "2")
)
KEY = Fernet.generate_key().decode()


def test_connections_are_kept_whole_and_found_by_name(engine: Engine) -> None:
    second = add_connection(engine, "zwei", SETTINGS, "env:TOKEN", NOW, COMMAND)
    first = add_connection(engine, "eins", SETTINGS, "store", NOW, COMMAND)
    assert [(row.id, row.name, row.enabled) for row in list_connections(engine)] == [
        (first, "eins", True),
        (second, "zwei", True),
    ]
    found = find_connection(engine, "zwei")
    assert (found.settings, found.secret_ref, found.created_at) == (SETTINGS, "env:TOKEN", NOW)
    with pytest.raises(TakenNameError, match="'zwei' exists already"):
        add_connection(engine, "zwei", SETTINGS, "store", NOW, COMMAND)
    with pytest.raises(UnknownConnectionError, match="no connection 'drei'"):
        find_connection(engine, "drei")


def test_no_connection_with_a_password_in_an_address_is_kept(engine: Engine) -> None:
    proxied = msgspec.structs.replace(SETTINGS, proxy="http://wendeline:brick@proxy.invalid:3128")
    with pytest.raises(BadAddressError, match="password"):
        add_connection(engine, "eins", proxied, "store", NOW, COMMAND)
    assert list_connections(engine) == []


def test_a_stored_secret_is_encrypted_and_comes_back(engine: Engine) -> None:
    ident = add_connection(engine, "eins", SETTINGS, "store", NOW, COMMAND)
    secrets = SecretStore(engine, [KEY], {})
    secrets.put(ident, Secret("first"), NOW, COMMAND)
    secrets.put(ident, Secret("made-up-token"), NOW, COMMAND)
    assert secrets.get(ident).reveal() == "made-up-token"
    [(token,)] = rows(engine, StoredSecret, "token")
    assert b"made-up-token" not in token
    assert KEY not in repr(secrets)


def test_keys_are_rotated_by_putting_a_new_one_in_front(engine: Engine) -> None:
    ident = add_connection(engine, "eins", SETTINGS, "store", NOW, COMMAND)
    SecretStore(engine, [KEY], {}).put(ident, Secret("made-up-token"), NOW, COMMAND)
    newer = Fernet.generate_key().decode()
    both = SecretStore(engine, [newer, KEY], {})
    both.put(ident, both.get(ident), NOW, COMMAND)
    assert SecretStore(engine, [newer], {}).get(ident).reveal() == "made-up-token"
    with pytest.raises(SecretError, match="cannot be decrypted"):
        SecretStore(engine, [KEY], {}).get(ident)


@pytest.mark.parametrize(
    ("keys", "reference", "words"),
    [
        ([KEY], "store", "No token is stored"),
        ([], "env:MISSING", "variable MISSING is not set"),
        ([KEY], "env:EMPTY", "variable EMPTY is not set"),
    ],
)
def test_a_secret_that_cannot_be_had_says_what_to_do(
    engine: Engine, keys: list[str], reference: str, words: str
) -> None:
    ident = add_connection(engine, "eins", SETTINGS, reference, NOW, COMMAND)
    with pytest.raises(SecretError, match=words):
        SecretStore(engine, keys, {"EMPTY": ""}).get(ident)


@pytest.mark.parametrize(("keys", "words"), [([], "no encryption key"), (["short"], "not a Fernet key")])
def test_without_a_proper_key_nothing_is_stored(engine: Engine, keys: list[str], words: str) -> None:
    ident = add_connection(engine, "eins", SETTINGS, "store", NOW, COMMAND)
    with pytest.raises(SecretError, match=words):
        SecretStore(engine, keys, {}).put(ident, Secret("made-up-token"), NOW, COMMAND)
    assert rows(engine, StoredSecret) == []


def test_a_connection_opens_with_the_secret_it_refers_to(engine: Engine) -> None:
    ident = add_connection(engine, "eins", SETTINGS, "env:TOKEN", NOW, COMMAND)
    secrets = SecretStore(engine, [], {"TOKEN": "made-up-token"})
    connector = open_connection(engine, ident, secrets, LOOPBACK)
    connector.close()
    with pytest.raises(UnknownConnectionError):
        secrets.get(99)
