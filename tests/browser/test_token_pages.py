"""Tokens in a real browser: made with the keyboard, told once, used over HTTP by a program, revoked."""

from __future__ import annotations

import re

import pytest
import requests

from tests.browser.conftest import Opened

pytestmark = pytest.mark.browser


def api(site: str, token: str, path: str = "/me") -> requests.Response:
    return requests.get(f"{site}/api/v1{path}", headers={"Authorization": f"Bearer {token}"}, timeout=30)


def test_a_token_is_made_told_once_used_and_revoked(opened: Opened, site: str) -> None:
    page = opened("/account/tokens")
    page.get_by_label("What it is for").focus()
    page.keyboard.type("a script")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # the first permit
    page.get_by_role("button", name="Make the token").press("Enter")
    token = page.get_by_label("Token", exact=True).input_value()
    assert re.fullmatch(r"sl_\d+_[A-Za-z0-9_-]{43}", token)
    assert page.get_by_label("Token", exact=True).evaluate("it => it === document.activeElement")

    me = api(site, token)
    assert me.status_code == 200
    assert me.json()["token"]["name"] == "a script"

    page.goto(f"{site}/account/tokens")
    assert token not in page.content()
    page.get_by_role("button", name="Revoke a script").press("Enter")
    page.wait_for_selector("text=is revoked")
    assert api(site, token).status_code == 401
    assert api(site, token).headers["Content-Type"] == "application/problem+json"


def test_a_service_account_gets_a_token_that_asks_for_runs(opened: Opened, site: str) -> None:
    page = opened("/settings/tokens")
    page.get_by_label("Name").fill("scheduler")
    page.get_by_label("Role").select_option("admin")
    page.get_by_role("button", name="Add the account").click()
    page.wait_for_selector("h1:has-text('scheduler')")
    page.get_by_label("What it is for").fill("nightly")
    page.get_by_label("Ask for runs").check()
    page.get_by_label("See connections and runs").check()
    page.get_by_role("button", name="Make the token").click()
    token = page.get_by_label("Token", exact=True).input_value()
    shown = api(site, token, "/connections").json()["connections"]
    asked = requests.post(
        f"{site}/api/v1/connections/{next(it['id'] for it in shown if it['state'] != 'disabled')}/runs",
        json={"mode": "census"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert asked.status_code == 202
    assert api(site, token, "/portfolio").status_code == 403


def test_the_pages_fit_a_narrow_window(opened: Opened) -> None:
    for path in ("/account/tokens", "/settings/tokens"):
        page = opened(path, width=400)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
