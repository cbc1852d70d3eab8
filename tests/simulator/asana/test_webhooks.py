"""Webhooks as an account makes, lists and removes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import requests

from simulator.wire import WireServer
from tests.simulator.asana.organisation import ALPHA, BETA, ORGANISATION, Client


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("X-Hook-Secret", environ.get("HTTP_X_HOOK_SECRET", ""))])
    return []


@pytest.fixture
def target() -> Iterator[str]:
    server = WireServer(echo)
    server.start()
    yield f"{server.address}/door"
    server.stop()


def make(client: Client, **data: object) -> requests.Response:
    return client.session.post(f"{client.address}/webhooks", json={"data": data}, timeout=10)


def test_a_webhook_is_made_with_a_handshake_listed_and_removed(client: Client, target: str) -> None:
    response = make(client, resource=ALPHA, target=target)
    assert response.status_code == 201
    made = response.json()
    assert len(made["X-Hook-Secret"]) == 64
    assert made["data"]["resource"] == {"gid": ALPHA, "name": "Alpha", "resource_type": "project"}
    assert made["data"]["active"] is False
    gid = made["data"]["gid"]
    assert [hook["gid"] for hook in client.data("/webhooks", workspace=ORGANISATION)] == [gid]
    assert client.data("/webhooks", workspace=ORGANISATION, resource=BETA) == []
    assert client.data(f"/webhooks/{gid}")["last_failure_at"] is None
    assert "secret" not in client.data(f"/webhooks/{gid}")
    assert client.session.delete(f"{client.address}/webhooks/{gid}", timeout=10).json() == {"data": {}}
    assert client.error(f"/webhooks/{gid}")[0] == 404


def test_what_is_no_webhook_is_refused(client: Client, target: str) -> None:
    assert make(client, resource=ALPHA).status_code == 400
    assert make(client, resource=ALPHA, target="nowhere").status_code == 400
    assert make(client, resource=ALPHA, target=target, filters="all").status_code == 400
    assert make(client, resource="999", target=target).status_code == 404
    assert make(client, resource=ALPHA, target="http://127.0.0.1:9/door").status_code == 400
    assert client.error("/webhooks")[0] == 400
    assert client.data("/webhooks", workspace=ORGANISATION) == []
