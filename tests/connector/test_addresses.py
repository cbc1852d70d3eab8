"""Addresses are kept and shown in clear, so none with a password in it is taken."""

from __future__ import annotations

import pytest

from connector.errors import BadAddressError
from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn


@pytest.mark.parametrize("tracker", ["jira", "asana"])
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("address", "https://wendeline:brick@tracker.invalid"),
        ("address", "https://wendeline@tracker.invalid/jira"),
        ("proxy", "http://wendeline:brick@proxy.invalid:3128"),
        ("proxy", "wendeline:bri/ck@proxy.invalid:3128"),
        ("gateway", "https://wendeline:brick@gateway.invalid"),
    ],
)
def test_no_connection_is_opened_by_an_address_with_a_password(tracker: str, setting: str, value: str) -> None:
    given = {"tracker": tracker, "address": "https://tracker.invalid", "sign_in": SignIn.PERSONAL_TOKEN}
    with pytest.raises(BadAddressError, match=setting) as raised:
        open_connector(ConnectionSettings(**(given | {setting: value})), Secret("simulated-token"))
    assert raised.value.remedy
    assert "wendeline" not in f"{raised.value} {raised.value!r}"
