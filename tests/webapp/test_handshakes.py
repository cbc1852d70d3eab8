"""Doors of Asana: the handshake that brings their secret, and heartbeats."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import Engine

from sync.secrets import SecretStore
from tests.conftest import Clock
from tests.webapp.doors import Knocker, Make, kept, webhook


def test_a_heartbeat_only_tells_that_the_webhook_lives(
    client: FlaskClient, engine: Engine, make: Make, clock: Clock
) -> None:
    there = make("asana")
    body = b'{"events": []}'
    for _ in range(2):
        clock.advance(hours=8)
        assert client.post(there.path, data=body, headers=there.headers(body)).status_code == 200
        assert webhook(engine).last_delivery_at == clock()
    assert kept(engine) == []


def test_a_door_takes_one_secret_in_its_life(
    client: FlaskClient, engine: Engine, make: Make, secrets: SecretStore
) -> None:
    there = make("asana", secret=None)
    body = there.body("10007")
    assert client.post(there.path, data=body).status_code == 401

    first = client.post(there.path, headers={"X-Hook-Secret": "from-the-tracker"})
    assert (first.status_code, first.headers["X-Hook-Secret"]) == (200, "from-the-tracker")
    row = webhook(engine)
    assert row.state == "pending"
    assert b"from-the-tracker" not in row.secret

    second = client.post(there.path, headers={"X-Hook-Secret": "from-somebody-else"})
    assert second.status_code == 401
    assert "X-Hook-Secret" not in second.headers

    forged = Knocker("asana", 0, "", "from-somebody-else").headers(body)
    assert client.post(there.path, data=body, headers=forged).status_code == 401
    good = Knocker("asana", 0, "", "from-the-tracker").headers(body)
    assert client.post(there.path, data=body, headers=good).status_code == 200
    assert webhook(engine).state == "active"
    assert secrets.unseal(there.connection_id, webhook(engine).secret, "").reveal() == "from-the-tracker"


@pytest.mark.parametrize("given", ["", "x" * 501])
def test_a_secret_that_is_none_is_refused(client: FlaskClient, engine: Engine, make: Make, given: str) -> None:
    there = make("asana", secret=None)
    assert client.post(there.path, headers={"X-Hook-Secret": given}).status_code == 401
    assert webhook(engine).secret is None


def test_hands_are_shaken_once_by_whoever_comes_first(address: str, engine: Engine, make: Make) -> None:
    there = make("asana", secret=None)
    begin = threading.Barrier(4)

    def shake(number: int) -> Any:
        begin.wait(timeout=30)
        return requests.post(address + there.path, headers={"X-Hook-Secret": f"secret-{number}"}, timeout=30)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(shake, range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    assert [answer.headers.get("X-Hook-Secret") for answer in answers].count(None) == 3
    assert webhook(engine).secret is not None
