"""A run that is watched: the page moves without being loaded anew, within the policy, and by the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, delete, select, update

from portfolio.model.landing import Connection, Lease, RunRequest
from portfolio.model.oversight import SyncRun, SyncRunStream
from portfolio.store.engine import reading, writing
from tests.browser.conftest import NAME, NOW, PASSWORD
from tests.webapp.builders import Rows

pytestmark = pytest.mark.browser


class Watched:
    """A page of somebody signed in, with all that went wrong in it, over a database the test changes."""

    def __init__(self, page: Page, site: str, engine: Engine) -> None:
        self.page = page
        self.site = site
        self.engine = engine
        self.trouble: list[str] = []
        page.on("console", lambda said: self.trouble.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))

    def open(self, path: str) -> None:
        self.page.goto(self.site + path)
        # Gone if the page were loaded anew.
        self.page.evaluate("window.stayed = true")

    @property
    def stayed(self) -> bool:
        return bool(self.page.evaluate("window.stayed === true"))

    def read(self, done: int) -> None:
        """So many of 31 projects are read."""
        with writing(self.engine) as store:
            figures = {"slices_done": done, "fetched": done * 100, "unchanged": done * 100}
            store.execute(update(SyncRunStream).where(SyncRunStream.stream == "items").values(**figures))


@pytest.fixture
def watched(browser: Browser, moving: tuple[str, Engine]) -> Iterator[Watched]:
    """Jira is being read: 3 of 31 projects."""
    site, engine = moving
    with writing(engine) as store:
        for table in (Lease, RunRequest, SyncRunStream, SyncRun):
            store.execute(delete(table))
        rows = Rows(store)
        jira = store.scalar(select(Connection.id)) or rows.connection("Jira EU")
        run = rows.run(jira, NOW - timedelta(minutes=3), "running", mode="incremental", cause="schedule")
        rows.stream(run, "items", unchanged=300, slices=31, slices_done=3)
        rows.row(Lease, connection_id=jira, owner="here", run_id=run, expires_at=NOW + timedelta(minutes=1))
    with browser.new_context(viewport={"width": 400, "height": 900}) as context:
        page = context.new_page()
        page.goto(f"{site}/sign-in")
        page.fill("#name", NAME)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site}/")
        found = Watched(page, site, engine)
        yield found
        assert found.trouble == []


def run_id(engine: Engine) -> int:
    with reading(engine) as store:
        return store.execute(select(SyncRun.id)).scalar_one()


def test_progress_moves_without_loading_the_page_anew(watched: Watched) -> None:
    watched.open("/runs")
    page = watched.page
    expect(page.locator("#moving .lead")).to_contain_text("items 9 %")
    page.get_by_role("button", name="Stop").focus()
    watched.read(19)
    expect(page.locator("#moving .lead")).to_contain_text("items 61 %", timeout=15_000)
    expect(page.locator("#moving")).to_contain_text("19 of 31")
    # The focus stays where it was, and what is new is said once, not every two seconds.
    assert page.evaluate("document.activeElement.id") == f"stop-{run_id(watched.engine)}"
    expect(page.locator("#said")).to_contain_text("Items 60 %")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert watched.stayed


def test_the_end_of_a_run_changes_the_whole_page_and_ends_the_asking(watched: Watched) -> None:
    watched.open("/runs")
    page = watched.page
    expect(page.locator("#moving .lead")).to_contain_text("is being read now")
    with writing(watched.engine) as store:
        ended = {"state": "done", "finished_at": NOW}
        store.execute(update(SyncRun).values(**ended))
        store.execute(delete(Lease))
    expect(page.locator("#moving .lead")).to_contain_text("The connection is current.", timeout=15_000)
    expect(page.get_by_role("region", name="Runs", exact=True)).to_contain_text("Done")
    assert page.locator("[data-hx-trigger]").count() == 0
    assert watched.stayed


def test_one_run_is_watched_and_stopped_by_the_keyboard(watched: Watched) -> None:
    run = run_id(watched.engine)
    watched.open(f"/runs/{run}")
    page = watched.page
    watched.read(31)
    expect(page.locator("#moving .lead")).to_contain_text("items 100 %", timeout=15_000)
    assert watched.stayed
    page.locator(f"#stop-{run}").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#moving")).to_contain_text("ada asked it to stop")
    with writing(watched.engine) as store:
        store.execute(update(SyncRun).values(state="cancelled", finished_at=NOW))
    expect(page.locator("#moving")).to_contain_text("It was stopped by ada", timeout=15_000)
    assert page.locator("[data-hx-trigger]").count() == 0


def test_a_run_is_asked_for_by_the_keyboard(watched: Watched) -> None:
    watched.open("/runs")
    page = watched.page
    page.get_by_role("button", name="Census of Jira EU").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Census of Jira EU is asked for.")
    with reading(watched.engine) as store:
        assert store.scalars(select(RunRequest.mode)).all() == ["census"]


def test_without_script_there_is_a_link_to_look_again(watched: Watched, browser: Browser) -> None:
    with browser.new_context(storage_state=watched.page.context.storage_state(), java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{watched.site}/runs")
        watched.read(19)
        page.get_by_role("link", name="look again").click()
        assert "items 61 %" in (page.locator("#moving .lead").text_content() or "")
