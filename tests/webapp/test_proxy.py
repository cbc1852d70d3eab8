"""Behind a proxy that ends TLS: whose word is believed, and what follows from it. Served as `sightline serve` does."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from queue import Queue
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask

from tests.webapp.conftest import PASSWORD, TOKEN
from webapp.serve import serve

HERE = "127.0.0.1"
Address = str
Start = Callable[..., Address]


@pytest.fixture
def start(app: Flask) -> Start:
    """`start("127.0.0.1")` serves the site believing that proxy. The threads end with the tests."""

    def begin(trusted: str) -> Address:
        taken: Queue[str] = Queue()
        options = {"threads": 2, "trusted_proxy": trusted, "listening": taken.put}
        threading.Thread(target=serve, args=(app, HERE, 0), kwargs=options, daemon=True).start()
        return urlsplit(taken.get(timeout=30)).netloc

    return begin


def ask(place: Address, method: str, body: str = "", **headers: str) -> HTTPResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = HTTPConnection(place, timeout=30)
    connection.request(method, "/sign-in", body, named)
    return connection.getresponse()


def sign_in(place: Address, password: str, client: str, **headers: str) -> int:
    form = ask(place, "GET", X_Forwarded_For=client, **headers)
    cookie = (form.headers["Set-Cookie"] or "").partition(";")[0]
    found = TOKEN.search(form.read().decode())
    assert found is not None
    body = urlencode({"name": "ada", "password": password, "csrf_token": found[1]})
    kind = "application/x-www-form-urlencoded"
    return ask(place, "POST", body, Cookie=cookie, Content_Type=kind, X_Forwarded_For=client, **headers).status


def test_the_word_of_the_trusted_proxy_counts(start: Start) -> None:
    answer = ask(start(HERE), "GET", X_Forwarded_Proto="https", X_Forwarded_Host="pmo.example.invalid")
    assert "; Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("trusted", ["", "192.0.2.1"])
def test_the_same_word_from_anybody_else_does_not(start: Start, trusted: str) -> None:
    answer = ask(start(trusted), "GET", X_Forwarded_Proto="https")
    assert "Secure" not in re.sub("HttpOnly|SameSite", "", answer.headers["Set-Cookie"])
    assert "Strict-Transport-Security" not in answer.headers


def test_a_form_sent_over_https_through_the_proxy_is_taken(start: Start, admin: int) -> None:
    place = start(HERE)
    through = {
        "X_Forwarded_Proto": "https",
        "X_Forwarded_Host": "pmo.example.invalid",
        "Referer": "https://pmo.example.invalid/sign-in",
    }
    assert sign_in(place, PASSWORD, "192.0.2.7", **through) == 302


def test_who_guesses_behind_the_proxy_shuts_out_nobody_else(start: Start, admin: int) -> None:
    place = start(HERE)
    assert [sign_in(place, "wrong", "192.0.2.7") for _ in range(6)] == [401] * 5 + [429]
    assert sign_in(place, PASSWORD, "192.0.2.8") == 302


def test_an_address_that_is_only_claimed_buys_no_more_guesses(start: Start, admin: int) -> None:
    place = start("")
    assert [sign_in(place, "wrong", f"192.0.2.{turn}") for turn in range(6)] == [401] * 5 + [429]
