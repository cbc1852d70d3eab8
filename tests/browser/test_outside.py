"""Signing in at a real OpenID provider in a real browser: there, back, in, and out again."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest
from playwright.sync_api import Browser, Page, expect

from connector.settings import Secret
from portfolio.access.groups import add_mapping
from portfolio.access.roles import EVERYTHING, Grant, Role
from portfolio.audit.entry import COMMAND
from portfolio.store.engine import open_engine, writing
from tests.browser.conftest import NOW
from tests.webapp import provider as real
from tests.webapp.provider import CLIENT, CLIENT_SECRET, PASSWORD, Directory
from webapp.app import create_app
from webapp.serve import serve
from webapp.settings import Provider, WebSettings

provider_server = real.provider_server


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path, provider_server: Directory) -> Iterator[str]:
    """The address of a site at which whoever is in "pmo office" comes in."""
    shutil.copyfile(sqlite_template, tmp_path / "sightline.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'sightline.db'}")
    with writing(engine) as connection:
        add_mapping(connection, "pmo office", Grant(Role.PMO_LEAD, EVERYTHING), NOW, COMMAND)
    known = Provider(
        issuer=provider_server.issuer, client_id=CLIENT, client_secret=Secret(CLIENT_SECRET), label="Example Ltd"
    )
    app = create_app(WebSettings(engine=engine, secret_key="only for tests", clock=lambda: NOW, oidc=known))
    taken: Queue[str] = Queue()
    threading.Thread(target=serve, args=(app, "127.0.0.1", 0), kwargs={"listening": taken.put}, daemon=True).start()
    address = taken.get(timeout=30)
    provider_server.register(address)
    provider_server.person("dov", "pmo office")
    yield address
    engine.dispose()


def _sign_in_there(page: Page) -> None:
    page.get_by_role("textbox").first.fill("dov")
    page.locator("form button[type=submit]").first.click()
    page.locator("#password").fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.locator("#accept").click()


def test_there_and_back_and_out(browser: Browser, site: str) -> None:
    trouble: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("console", lambda said: trouble.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(f"{site}/runs")
        page.get_by_role("link", name="Sign in with Example Ltd").press("Enter")
        _sign_in_there(page)
        page.wait_for_url(f"{site}/runs")
        expect(page.get_by_role("banner")).to_contain_text("dov")
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{site}/signed-out")
        expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out here")
        page.get_by_role("link", name="Sign out at Example Ltd").click()
        page.wait_for_url("**/oauth/end_session?**")
        page.goto(f"{site}/runs")
        assert page.url.startswith(f"{site}/sign-in")
    assert trouble == []
