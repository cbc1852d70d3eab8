"""A newcomer connects a tracker, from signing in to the first mapped and approved connection, in a real browser.

What a person does is counted: each field filled, each button or link pressed. The account is one of a small
organisation, where one person holds the roles of PMO lead and admin.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine, func, select

from portfolio.model.landing import Connection
from portfolio.model.mapping import MappingVersion
from portfolio.model.work import WorkItem
from portfolio.store.engine import reading
from simulator.company.build import build_company
from simulator.serve import Simulator
from sync.jobs.means import Means
from sync.schedule.embedded import Embedded
from sync.secrets import SecretStore
from tests.browser.conftest import NAME, PASSWORD, served
from tests.loopback import LOOPBACK

pytestmark = pytest.mark.browser
MOST = 12
WAIT_MS = 90_000


class Newcomer:
    """Somebody who has never seen the site, and what they did."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.did: list[str] = []

    def fills(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)
        self.did.append(f"fill {label}")

    def presses(self, name: str) -> None:
        button = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name))
        button.first.click(timeout=WAIT_MS)
        self.did.append(f"press {name}")


@pytest.fixture
def company() -> Iterator[Simulator]:
    today = datetime.now(UTC).date()
    with Simulator(jira_cloud=build_company(seed=3, today=today, scale=0.02).cloud) as simulator:
        yield simulator


def test_from_sign_in_to_the_first_approved_connection(browser: Browser, quiet: Engine, company: Simulator) -> None:
    secrets = SecretStore(quiet, [Fernet.generate_key().decode()], {})

    def clock() -> datetime:
        return datetime.now(UTC)

    address = served(quiet, secrets=secrets, clock=clock, outbound=LOOPBACK)
    means = Means(quiet, secrets, clock, outbound=LOOPBACK)
    with Embedded(means, 2, every_s=0.2), browser.new_context() as context:
        newcomer = Newcomer(context.new_page())
        newcomer.page.goto(address)
        newcomer.fills("Name", NAME)
        newcomer.fills("Password", PASSWORD)
        newcomer.presses("Sign in")
        newcomer.presses("Connect a tracker")
        newcomer.fills("Address", company.addresses["jira_cloud"])
        newcomer.fills("E-mail of the token", "pmo@company.example")
        newcomer.fills("Token", "simulated-token")
        newcomer.presses("Try it and go on")
        newcomer.presses("Follow everything and read it")
        newcomer.presses("see what comes of it")
        newcomer.presses("Approve and start the schedule")
        newcomer.page.get_by_text("is set up.").wait_for(timeout=WAIT_MS)
    assert len(newcomer.did) <= MOST, newcomer.did
    with reading(quiet) as store:
        assert store.execute(select(MappingVersion.number, MappingVersion.state)).all() == [(1, "approved")]
        assert store.scalar(select(Connection.setup)) is None
        assert (store.scalar(select(func.count()).select_from(WorkItem)) or 0) > 100
