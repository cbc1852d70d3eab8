"""The site in a real browser: the system's Chromium, pages served by waitress in a thread.

Skipped by name where there is no browser: set CHROMIUM to one, or install /usr/bin/chromium.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, sync_playwright
from sqlalchemy import Engine

from connector.outbound import PUBLIC, Outbound
from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND
from portfolio.store.engine import open_engine
from sync.secrets import SecretStore
from tests.webapp.company import fill
from webapp.accounts.local import add_user
from webapp.app import create_app
from webapp.serve import serve
from webapp.settings import WebSettings

NOW = datetime(2026, 6, 17, 10, 42, tzinfo=UTC)
NAME, PASSWORD = "ada", "correct horse battery"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


def _chromium() -> str:
    """The browser to drive. Without one the tests are skipped, but not where one is required (CI)."""
    named = os.environ.get("CHROMIUM")
    known = (named if named and Path(named).exists() else None, *map(shutil.which, ("chromium", "chromium-browser")))
    found = next((path for path in known if path), None)
    if found is None:
        why = "no browser: set CHROMIUM or install chromium"
        if os.environ.get("SIGHTLINE_BROWSER_REQUIRED"):
            pytest.fail(why)
        pytest.skip(why)
    return found


@pytest.fixture(scope="session")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site with a believable company in it."""
    _chromium()
    engine = _database(sqlite_template, tmp_path_factory)
    fill(engine, NOW)
    yield served(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def moving(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Engine]]:
    """A site of its own whose database the test changes while a page of it is open: its address and its database."""
    _chromium()
    engine = _database(sqlite_template, tmp_path_factory)
    yield served(engine), engine
    engine.dispose()


@pytest.fixture
def quiet(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database of the test's own, with one account in it."""
    _chromium()
    engine = _database(sqlite_template, tmp_path_factory)
    yield engine
    engine.dispose()


def _database(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    path = tmp_path_factory.mktemp("site") / "sightline.db"
    shutil.copyfile(template, path)
    engine = open_engine(f"sqlite:///{path}")
    add_user(engine, NAME, PASSWORD, usual(*Role), NOW, COMMAND)
    return engine


def served(
    engine: Engine,
    secrets: SecretStore | None = None,
    clock: Callable[[], datetime] = lambda: NOW,
    outbound: Outbound = PUBLIC,
) -> str:
    """Serve a site as `sightline serve` does it, and return its address; the thread ends with the tests."""
    settings = WebSettings(engine=engine, secret_key="only for tests", clock=clock, secrets=secrets, outbound=outbound)
    app = create_app(settings)
    taken: Queue[str] = Queue()
    threading.Thread(
        target=serve, args=(app, "127.0.0.1", 0), kwargs={"threads": 4, "listening": taken.put}, daemon=True
    ).start()
    return taken.get(timeout=30)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=_chromium(), args=ARGUMENTS)
    yield browser
    browser.close()


Opened = Callable[..., Page]


def sign_in(page: Page) -> None:
    """Sign in on the page that is open, with the keyboard only.

    The name has the focus, but a browser gives it only when it first draws the page: a key before that is lost.
    """
    page.locator("#name:focus").wait_for()
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


@pytest.fixture(scope="session")
def session_state(browser: Browser, site: str) -> Any:
    """The cookies of somebody who signed in with the keyboard only."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{site}/")
        sign_in(page)
        page.wait_for_url(f"{site}/")
        return context.storage_state()


@pytest.fixture
def opened(browser: Browser, site: str, session_state: Any) -> Iterator[Opened]:
    """`opened("/path", width=400, scheme="dark")` opens a page as somebody signed in.

    Closing the test fails it on any error of the console, any refused resource, any breach of the policy.
    """
    contexts: list[BrowserContext] = []
    trouble: list[str] = []
    left: list[str] = []

    def _failed(request: Request, path: str) -> None:
        # A page that is left while a picture is on the way gives that up itself: whether it can be had is asked below.
        own_picture = request.resource_type == "image" and request.url.startswith(f"{site}/")
        given_up = request.failure == "net::ERR_ABORTED" and own_picture
        (left if given_up else trouble).append(request.url if given_up else f"{path}: {request.url} failed")

    def open_page(
        path: str, *, width: int = 1280, scheme: Any = "light", script: bool = True, expect: int = 200
    ) -> Page:
        context = browser.new_context(
            storage_state=session_state,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        if expect == 200:
            page.on("console", lambda said: trouble.append(f"{path}: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda error: trouble.append(f"{path}: {error}"))
        page.on("requestfailed", lambda request: _failed(request, path))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith((site, "data:")) else trouble.append(f"{path}: {request.url}")
            ),
        )
        answer = page.goto(site + path)
        assert answer is not None
        assert answer.status == expect, path
        return page

    yield open_page
    trouble += [f"{url} failed" for url in left if not contexts[0].request.get(url).ok]
    for context in contexts:
        context.close()
    assert not trouble
