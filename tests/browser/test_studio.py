"""A PMO lead gives a word its meaning: from the inbox over the preview to figures that changed, with the keyboard."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, select

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.oversight import KpiValue
from portfolio.store.engine import reading
from simulator.company.build import build_company
from simulator.serve import Simulator
from sync.connections import add_connection
from sync.jobs.means import Means
from sync.run.pipeline import sync_connection
from sync.schedule.embedded import Embedded
from sync.secrets import SecretStore
from tests.browser.conftest import served, sign_in
from tests.loopback import LOOPBACK

pytestmark = pytest.mark.browser
WAIT_MS = 60_000


def clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def company() -> Iterator[Simulator]:
    with Simulator(asana=build_company(seed=3, today=clock().date(), scale=0.02).workspace) as simulator:
        yield simulator


@pytest.fixture
def synced(quiet: Engine, company: Simulator) -> Engine:
    """The made-up company's Asana, synced once."""
    settings = ConnectionSettings(tracker="asana", address=company.addresses["asana"], sign_in=SignIn.PERSONAL_TOKEN)
    ident = add_connection(quiet, "Asana", settings, "store", clock(), COMMAND)
    connector = open_connector(settings, Secret("simulated-token"), outbound=LOOPBACK)
    try:
        sync_connection(quiet, ident, connector, clock=clock)
    finally:
        connector.close()
    return quiet


def figures(engine: Engine) -> dict[tuple[str, int], tuple[float | None, int | None]]:
    """How much work is in progress in each scope, and by which version of the mapping."""
    query = select(KpiValue.scope_type, KpiValue.scope_id, KpiValue.value, KpiValue.mapping_number)
    with reading(engine) as store:
        return {
            (kind, ident): (value, number)
            for kind, ident, value, number in store.execute(query.where(KpiValue.kpi == "FLW-04"))
        }


def test_a_word_gets_its_meaning_and_figures_follow(browser: Browser, synced: Engine) -> None:
    secrets = SecretStore(synced, [Fernet.generate_key().decode()], {})
    before = figures(synced)
    address = served(synced, secrets=secrets, clock=clock, outbound=LOOPBACK)
    with Embedded(Means(synced, secrets, clock, outbound=LOOPBACK), 1, every_s=0.2), browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/mapping")
        sign_in(page)
        _accept(page, "Ideas", "In progress")
        page.get_by_role("link", name="Preview and approve").press("Enter")
        expect(page.get_by_text("Profile standard: status Ideas")).to_be_visible()
        page.get_by_role("button", name="Preview it").press("Enter")
        expect(page.get_by_text("would change")).to_be_visible(timeout=WAIT_MS)
        expect(page.get_by_text("Figures that change")).to_be_visible()
        assert figures(synced) == before  # a preview writes nothing
        page.get_by_role("button", name="Approve it").press("Enter")
        expect(page.get_by_text("Version 1 is in force.")).to_be_visible()
        until = time.monotonic() + WAIT_MS / 1000
        while (after := figures(synced)) == before and time.monotonic() < until:
            page.wait_for_timeout(200)
        assert {number for _, number in after.values()} == {1}
        assert after["all", 0][0] == (before["all", 0][0] or 0) + 2
        page.goto(f"{address}/mapping")
        expect(page.get_by_text("version 1 is in force")).to_be_visible()
        expect(page.get_by_text("Ideas")).to_have_count(0)


def _accept(page: Page, value: str, meaning: str) -> None:
    """Choose a meaning and accept it, with the keyboard alone."""
    choice = page.get_by_label(f"What {value}")
    choice.focus()
    page.keyboard.type(meaning)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 meaning written into the draft.")).to_be_visible()
