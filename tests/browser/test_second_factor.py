"""Turning the second factor on and signing in with a code, in a browser, from the keyboard."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import Browser
from pyotp import TOTP
from sqlalchemy import Engine

from sync.secrets import SecretStore
from tests.browser.conftest import NOW, PASSWORD, served, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def alone(quiet: Engine) -> str:
    """A site of its own, with keys."""
    return served(quiet, secrets=SecretStore(quiet, [Fernet.generate_key().decode()], {}))


def test_turned_on_and_signed_in_with_a_code(browser: Browser, alone: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        trouble: list[str] = []
        page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
        page.goto(f"{alone}/sign-in")
        sign_in(page)
        page.wait_for_url(f"{alone}/")
        page.goto(f"{alone}/account")
        page.get_by_role("link", name="Set up a second factor").press("Enter")
        page.wait_for_url(f"{alone}/account/second-factor")
        page.locator("[type=password]:focus").wait_for()
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("code.secret")
        secret = page.locator("code.secret").inner_text().replace(" ", "")
        drawn = page.locator("img.qr").evaluate("image => image.complete && image.naturalWidth")
        assert drawn > 100  # the policy let the picture through
        totp = TOTP(secret)
        page.locator("#code:focus").wait_for()
        page.keyboard.type(totp.at(NOW))
        page.keyboard.press("Enter")
        page.get_by_text("Your second factor is on.").wait_for()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{alone}/sign-in")
        page.goto(f"{alone}/sign-in")
        sign_in(page)
        page.wait_for_url(f"{alone}/sign-in/code*")
        page.locator("#code:focus").wait_for()
        page.keyboard.type(totp.at(NOW, counter_offset=1))
        page.keyboard.press("Enter")
        page.wait_for_url(f"{alone}/")
        assert not trouble
