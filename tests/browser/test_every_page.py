"""Every page there is, in a real browser: nothing a tracker said runs, asks for anything or breaks the page.

Once over a believable company, once over one where every text is hostile (`tests.hostile`). The policy's reports are
counted on both: none.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Error, Page
from sqlalchemy import Engine

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND
from portfolio.model.people import Calendar
from portfolio.model.structure import Objective
from portfolio.store.engine import open_engine, writing
from tests.browser.conftest import NAME, NOW, PASSWORD, served
from tests.hostile.accounts import add_hostile_accounts
from tests.hostile.company import fill as fill_hostile
from tests.hostile.pages import paths
from tests.hostile.requests import add_hostile_requests
from tests.hostile.texts import ADDRESSES, MARKUP
from tests.webapp.builders import Rows
from tests.webapp.company import fill
from webapp.accounts.local import add_user
from webapp.app import create_app
from webapp.settings import WebSettings

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTH = 480
LISTEN = """
window.broken = [];
document.addEventListener('securitypolicyviolation', event => {
  window.broken.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""
LOOK = """
() => {
  const ours = new Set((
    'html head meta title link script body header footer main nav section aside article a p h1 h2 h3 '
    + 'h4 ul ol li dl dt dd div span strong em small code pre bdi br hr table caption thead tbody tfoot tr th td form '
    + 'figure figcaption img fieldset legend label input button select optgroup option textarea output progress meter '
    + 'details summary time '
    + 'abbr datalist svg g circle path rect line polyline polygon text defs use').split(' '));
  const here = new URL(document.location);
  const strange = element => {
    if (!ours.has(element.localName)) { return true; }
    if (element.localName === 'script') { return element.text !== '' || new URL(element.src).origin !== here.origin; }
    if (element.localName === 'meta' && element.httpEquiv) { return true; }
    // What is drawn again is of the same page: from anywhere else it could bring anything.
    if (element.localName === 'use' && !/^#[\\w-]+$/.test(element.getAttribute('href'))) { return true; }
    const elsewhere = address => new URL(address, here).origin !== here.origin;
    return [...element.attributes].some(({ name, value }) => /^(on|hx-|data-hx-on|style$|srcdoc$|ping$)/.test(name)
      || (['action', 'formaction', 'src', 'data-hx-get'].includes(name) && elsewhere(value))
      || (/href$/.test(name) && !['http:', 'https:'].includes(new URL(value, here).protocol)));
  };
  const root = document.documentElement;
  return {
    ran: window.hacked !== undefined,
    broken: window.broken,
    strange: [...document.querySelectorAll('*')].filter(strange).map(it => it.outerHTML.slice(0, 200)),
    sideways: root.scrollWidth - root.clientWidth,
    heads: document.querySelectorAll('h1').length,
    texts: [...document.querySelectorAll('bdi')].map(it => it.textContent),
  };
}
"""
CLEAN = {"ran": False, "broken": [], "strange": [], "sideways": 0, "heads": 1}


class Site(NamedTuple):
    """A site that is served, with the application that tells its routes."""

    address: str
    app: Flask
    engine: Engine
    hostile: bool


@pytest.fixture(scope="module", params=["ordinary", "hostile"])
def filled(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site over a company of each kind."""
    path = tmp_path_factory.mktemp(request.param) / "sightline.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    add_user(engine, NAME, PASSWORD, usual(*Role), NOW, COMMAND)
    if request.param == "hostile":
        fill_hostile(engine, NOW)
        add_hostile_accounts(engine, NOW)
    else:
        fill(engine, NOW)
        with writing(engine) as store:
            Rows(store).scenario(1, "What if", NOW, '[{"op": "drop_project", "project": "NONE"}]')
            Rows(store).add(Calendar, name="portfolio")
            Rows(store).add(Objective, title="Grow", code="GROW-1", period="2026-Q4", status="green")
    add_hostile_requests(engine, NOW)
    app = create_app(WebSettings(engine=engine, secret_key="only for tests", clock=lambda: NOW))
    yield Site(served(engine), app, engine, request.param == "hostile")
    engine.dispose()


@pytest.fixture
def visit(browser: Browser, filled: Site) -> Iterator[BrowserContext]:
    """Somebody signed in who hears of every breach of the policy."""
    with browser.new_context(viewport={"width": WIDTH, "height": 900}, accept_downloads=True) as context:
        context.add_init_script(LISTEN)
        page = context.new_page()
        page.goto(f"{filled.address}/sign-in")
        page.fill("#name", NAME)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{filled.address}/")
        page.close()
        yield context


def heard(page: Page, address: str) -> list[str]:
    """What a page does that no page of ours does, as it happens."""
    trouble: list[str] = []
    page.on("dialog", lambda dialog: (trouble.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("console", lambda said: trouble.append(f"{said.type}: {said.text}") if _matters(said) else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("popup", lambda popup: trouble.append(f"opened {popup.url}"))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((f"{address}/", "data:")) else trouble.append(f"asked {asked.url}"),
    )
    return trouble


def shown(page: Page, url: str) -> bool:
    """Go to an address, and whether what is there is a page of its own."""
    try:
        answer = page.goto(url)
    except Error as error:
        if "Download is starting" in error.message:
            return False
        raise
    assert answer is not None
    return "text/html" in answer.headers.get("content-type", "") and answer.request.redirected_from is None


def _matters(said: Any) -> bool:
    # A page that a hostile link asks for in vain is answered 404, which the browser logs.
    return said.type in ("error", "warning") and "the server responded with a status of 404" not in said.text


def _plain(text: str) -> str:
    """A text as a browser takes it from a page: kinds of line end are one to it."""
    return " ".join(text.split())


def test_no_page_runs_asks_for_or_breaks_anything(filled: Site, visit: BrowserContext) -> None:
    page = visit.new_page()
    trouble = heard(page, filled.address)
    opened, texts = 0, set[str]()
    found: dict[str, object] = {}
    for path in paths(filled.app, filled.engine, most=3 if filled.hostile else 2):
        if not shown(page, filled.address + path):
            continue  # a file, or the way to a page that is here by itself
        opened += 1
        seen = page.evaluate(LOOK)
        texts.update(_plain(text) for text in seen.pop("texts"))
        if seen != CLEAN or trouble:
            found[path] = {name: value for name, value in seen.items() if value != CLEAN[name]} | {"heard": [*trouble]}
            trouble.clear()
    assert found == {}, "\n".join(f"{path}: {what}" for path, what in found.items())
    assert opened > (70 if filled.hostile else 15)
    if filled.hostile:
        assert {_plain(text) for text in (*MARKUP.values(), *ADDRESSES.values())} - texts == set()
