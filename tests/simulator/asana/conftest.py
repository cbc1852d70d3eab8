"""The small invented organisation, served over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from simulator.asana.app import make_app
from simulator.asana.workspace import Workspace
from simulator.wire import WireServer
from tests.simulator.asana.organisation import Client, organisation


@pytest.fixture
def state() -> Workspace:
    return organisation()


@pytest.fixture
def client(state: Workspace) -> Iterator[Client]:
    server = WireServer(make_app(state))
    server.start()
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer simulated-token"
        yield Client(server.address + "/api/1.0", session)
    server.stop()
