"""An invented organisation behind a real server, and connections to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connector.asana.connection import AsanaConnector
from connector.boundary.call import Boundary
from connector.settings import ConnectionSettings, Secret, SignIn
from simulator.asana.workspace import Workspace
from simulator.faults import Faults
from simulator.serve import Simulator
from tests.connector.asana.organisation import organisation
from tests.loopback import LOOPBACK

Opener = Callable[..., AsanaConnector]


@pytest.fixture
def quayside() -> Workspace:
    return organisation()


@pytest.fixture
def simulator(quayside: Workspace) -> Iterator[Simulator]:
    with Simulator(asana=quayside) as running:
        yield running


@pytest.fixture
def faults(simulator: Simulator) -> Faults:
    return simulator.faults["asana"]


@pytest.fixture
def waits() -> list[float]:
    """The seconds connections would have slept; they do not."""
    return []


@pytest.fixture
def connect(simulator: Simulator, waits: list[float]) -> Iterator[Opener]:
    """Opens connections, `token` and any setting as wished; they are closed with the test."""
    opened: list[AsanaConnector] = []

    def open_one(token: str = "simulated-token", **settings: Any) -> AsanaConnector:
        whole = ConnectionSettings(
            **{
                "tracker": "asana",
                "address": simulator.addresses["asana"],
                "sign_in": SignIn.PERSONAL_TOKEN,
                **settings,
            }
        )
        connector = AsanaConnector(whole, Secret(token), Boundary(whole, outbound=LOOPBACK, sleep=waits.append))
        opened.append(connector)
        return connector

    yield open_one
    for connector in opened:
        connector.close()
