"""Opening connections to the invented sites, and to addresses that `responses` answers for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses

from connector.boundary.call import Boundary
from connector.jira.connection import JiraConnector
from connector.settings import ConnectionSettings, Secret, SignIn
from simulator.jira.site import Site
from simulator.serve import Simulator
from tests.loopback import LOOPBACK

Serve = Callable[[Site], Simulator]
Open = Callable[..., JiraConnector]

CLOUD = "https://kiln.invalid"
API = f"{CLOUD}/rest/api/3/"
AGILE = f"{CLOUD}/rest/agile/1.0/"
CORPORATE = "https://jira.plant.invalid/jira"
DC_API = f"{CORPORATE}/rest/api/2/"


@pytest.fixture
def waits() -> list[float]:
    """The seconds the connections would have slept; they do not."""
    return []


class Clock:
    """The time on the served sites: it stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 12, 0, 20, tzinfo=UTC)

    def pass_by(self, **duration: float) -> datetime:
        self.now += timedelta(**duration)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def serve(clock: Clock) -> Iterator[Serve]:
    """Serves one site over a real socket until the test ends."""
    running: list[Simulator] = []

    def start(site: Site) -> Simulator:
        name = "jira_cloud" if site.flavour == "cloud" else "jira_datacenter"
        simulator = Simulator(**{name: site}, clock=lambda: clock.now)
        simulator.start()
        running.append(simulator)
        return simulator

    yield start
    for simulator in running:
        simulator.stop()


@pytest.fixture
def connect(waits: list[float]) -> Iterator[Open]:
    """Opens connections: `connect(address, scope=...)`, or `connect(simulator)` for a site that is served."""
    opened: list[JiraConnector] = []

    def open_one(where: str | Simulator, token: str = "simulated-token", **settings: Any) -> JiraConnector:
        name = ""
        if isinstance(where, Simulator):
            name, where = next(iter(where.addresses.items()))
        corporate = name == "jira_datacenter" or where.startswith(CORPORATE)
        sign_in = SignIn.PERSONAL_TOKEN if corporate else SignIn.CLOUD_TOKEN
        given = {"tracker": "jira", "address": where, "sign_in": sign_in, "account": "me@plant.invalid"}
        whole = ConnectionSettings(**(given | settings))
        connector = JiraConnector(whole, Secret(token), Boundary(whole, outbound=LOOPBACK, sleep=waits.append))
        opened.append(connector)
        return connector

    yield open_one
    for connector in opened:
        connector.close()


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    """Answers for made-up addresses; a request it was not told of fails. Both sites already say who they are."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(API + "serverInfo", json={"version": "1001.0.0", "deploymentType": "Cloud"})
        mock.get(DC_API + "serverInfo", json={"version": "9.12.0", "deploymentType": "Server"})
        yield mock
