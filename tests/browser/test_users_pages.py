"""Accounts in a real browser: added and given a role with the keyboard alone; who signs in then sees only their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page
from sqlalchemy import Engine

from portfolio.store.engine import writing
from tests.browser.conftest import NAME, PASSWORD, served
from tests.webapp.builders import Rows

pytestmark = pytest.mark.browser

LISTEN = """
document.addEventListener('securitypolicyviolation', event => console.error(`policy: ${event.violatedDirective}`));
"""
PATHS = (
    "/settings",
    "/settings/users",
    "/settings/users/new",
    "/settings/users/1?person=mia",
    "/settings/roles",
    "/settings/sign-in",
    "/settings/organisation",
    "/settings/privacy",
    "/settings/retention",
)
Enter = Callable[..., Page]


def _matters(said: ConsoleMessage) -> bool:
    # A form that is refused is answered 422, which the browser logs.
    return said.type in ("error", "warning") and "the server responded with a status of 422" not in said.text


@pytest.fixture
def site(quiet: Engine) -> str:
    """A site of the test's own: two portfolios with a project each, a person who manages one."""
    with writing(quiet) as connection:
        add = Rows(connection)
        jira = add.connection()
        mia = add.person("Mia Manager")
        add.project("Orchard", jira, portfolio_id=add.portfolio("Growth"), manager_id=mia)
        add.project("Quarry", jira, portfolio_id=add.portfolio("Upkeep"))
    return served(quiet)


@pytest.fixture
def enter(browser: Browser, site: str) -> Iterator[Enter]:
    """`enter("eve", password)` signs somebody in, in a browser of their own, with the keyboard.

    Closing the test fails it on any error of the console and any breach of the policy.
    """
    contexts, trouble = [], list[str]()

    def sign_in(name: str = NAME, password: str = PASSWORD, *, width: int = 1280, script: bool = True) -> Page:
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, java_script_enabled=script)  # type: ignore[arg-type]
        contexts.append(context)
        context.add_init_script(LISTEN)
        page = context.new_page()
        page.on("console", lambda said: trouble.append(said.text) if _matters(said) else None)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto(f"{site}/")
        page.wait_for_selector("#name:focus")
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type(password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site}/")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert not trouble


def tab_to(page: Page, label: str, *, most: int = 60) -> None:
    """Press Tab until what has the focus is called so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        called = page.evaluate(
            "() => { const it = document.activeElement; "
            "return (it.labels && it.labels.length ? it.labels[0].textContent : it.textContent).trim(); }"
        )
        if called.startswith(label):
            return
    pytest.fail(f"{label!r} is not reached with the keyboard")


def test_a_user_is_added_with_the_keyboard_and_sees_only_their_projects(enter: Enter) -> None:
    page = enter()
    tab_to(page, "Settings")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Settings')")
    tab_to(page, "Users")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Users')")
    tab_to(page, "Add a user")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Add a user')")
    page.wait_for_selector("#name:focus")
    page.keyboard.type("eve")
    tab_to(page, "Role")
    page.keyboard.type("Executive")
    tab_to(page, "Over")
    page.keyboard.type("Growth")
    tab_to(page, "Add the user")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=It is not shown again")
    told = page.locator("#told")
    assert told.evaluate("it => it === document.activeElement")
    assert "Executive, portfolio Growth" in page.inner_text("main")

    eve = enter("eve", told.input_value())
    shown = eve.inner_text("main")
    assert "Orchard" in shown
    assert "Quarry" not in shown
    assert eve.get_by_role("link", name="Settings").count() == 0

    tab_to(page, "Take away")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Taken away: Executive, portfolio Growth")
    eve.reload()
    assert "Orchard" not in eve.inner_text("main")


def test_a_role_over_ones_own_follows_the_trackers(enter: Enter, site: str) -> None:
    page = enter()
    page.goto(f"{site}/settings/users/new")
    page.get_by_label("Name to sign in with").fill("mia")
    page.get_by_label("Role").select_option("project_manager")
    assert page.locator("option[value=all]").is_disabled()  # nobody is offered what would be refused
    assert page.get_by_label("Over").input_value() == "own"
    page.get_by_role("button", name="Add the user").click()
    password = page.locator("#told").input_value()
    page.get_by_label("Name in the trackers").fill("mia")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("This is them ?: Mia Manager")).press("Enter")
    page.wait_for_selector("text=Linked to Mia Manager")
    proof = page.get_by_role("region", name="Projects that name them").inner_text()
    assert "Orchard" in proof
    assert "Quarry" not in proof

    mia = enter("mia", password).inner_text("main")
    assert "Orchard" in mia
    assert "Quarry" not in mia


def test_without_a_script_the_server_tells_what_does_not_fit(enter: Enter, site: str) -> None:
    page = enter(script=False)
    page.goto(f"{site}/settings/users/new")
    page.get_by_label("Name to sign in with").fill("bea")
    page.get_by_label("Role").select_option("project_manager")
    page.get_by_label("Over").select_option("all")
    tab_to(page, "Add the user")
    page.keyboard.press("Enter")
    page.wait_for_selector("#grant-fault")
    assert "Project manager cannot be held over that" in page.inner_text("#grant-fault")
    assert page.get_by_label("Name to sign in with").input_value() == "bea"


def test_the_pages_fit_a_narrow_window(enter: Enter, site: str) -> None:
    page = enter(width=480)
    for path in PATHS:
        page.goto(site + path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
