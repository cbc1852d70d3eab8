"""Changing one's own password."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portfolio.organisation import SignInRules
from tests.webapp.conftest import PASSWORD, Visitor

NEW = "another long pass phrase"


def change(visitor: Visitor, current: str = PASSWORD, new: str = NEW, again: str = NEW) -> TestResponse:
    form = {"current": current, "new": new, "again": again, "csrf_token": visitor.token("/password")}
    return visitor.client.post("/password", data=form, follow_redirects=True)


def test_the_new_password_counts_and_the_old_one_no_more(app: Flask, ada: Visitor) -> None:
    changed = change(ada)
    assert changed.status_code == 200
    assert "Your password is changed" in changed.text
    assert "Your password is changed" not in ada.text("/password")  # said once
    assert ada.get("/").status_code == 200  # this session goes on
    other = Visitor(app.test_client())
    assert other.sign_in().status_code == 401
    assert other.sign_in(password=NEW).status_code == 302


def test_sessions_elsewhere_end(app: Flask, ada: Visitor) -> None:
    cookie = ada.client.get_cookie("sightline")
    assert cookie is not None
    elsewhere = app.test_client()
    elsewhere.set_cookie("sightline", cookie.value)
    assert elsewhere.get("/").status_code == 200
    change(ada)
    assert elsewhere.get("/").status_code == 302
    assert ada.get("/").status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "field", "said"),
    [
        ({"current": "wrong"}, 401, "current", "That is not your present password."),
        ({"current": ""}, 401, "current", "That is not your present password."),
        ({"new": "short", "again": "short"}, 422, "new", f"needs {SignInRules().least_password} to 1000 characters"),
        ({"again": "something else"}, 422, "again", "The two are not the same."),
        ({"new": PASSWORD, "again": PASSWORD}, 422, "new", "That is the present one."),
    ],
)
def test_what_will_not_do_is_said_at_its_field(
    app: Flask, ada: Visitor, form: dict[str, str], status: int, field: str, said: str
) -> None:
    refused = change(ada, **form)
    assert refused.status_code == status
    found = re.search(rf'<input[^>]*id="{field}"[^>]*>', refused.text)
    assert found is not None
    assert 'aria-invalid="true"' in found[0]
    assert f'aria-describedby="{field}-error"' in found[0]
    assert said in refused.text.split(f'id="{field}-error"')[1].split("</")[0]
    assert refused.text.count('aria-invalid="true"') == 1
    assert "value=" not in found[0] or 'value=""' in found[0]  # nothing typed comes back
    assert Visitor(app.test_client()).sign_in().status_code == 302  # the old one still counts


def test_guessing_the_present_password_is_limited(ada: Visitor) -> None:
    for _ in range(5):
        assert change(ada, current="wrong").status_code == 401
    assert change(ada).status_code == 429
    assert ada.get("/").status_code == 200


def test_the_form_token_and_a_session_are_needed(app: Flask, ada: Visitor) -> None:
    form = {"current": PASSWORD, "new": NEW, "again": NEW}
    assert ada.client.post("/password", data=form).status_code == 400
    assert app.test_client().get("/password").status_code == 302


def test_the_way_there_is_the_name_in_the_head(ada: Visitor) -> None:
    head = ada.text("/").split("<header")[1].split("</header>")[0]
    assert re.search(r'<a[^>]*href="/account"[^>]*>\s*<bdi>ada</bdi>', head)
    assert 'href="/password"' in ada.text("/account")
