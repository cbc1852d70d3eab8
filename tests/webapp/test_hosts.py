"""The name a request is for: which are answered, and that none ever comes back in an answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.client import HTTPConnection
from queue import Queue
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.conftest import Clock
from tests.webapp.compiled import create_app
from webapp.serve import serve
from webapp.settings import WebSettings

HERE = "127.0.0.1"
Start = Callable[[str], str]


@pytest.fixture
def settings(engine: Engine, clock: Clock) -> WebSettings:
    names = ("pmo.example.com", ".example.org")
    return WebSettings(engine=engine, secret_key="only for tests", clock=clock, hosts=names)


@pytest.fixture
def named(settings: WebSettings) -> Flask:
    app = create_app(settings)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def client(named: Flask) -> FlaskClient:
    return named.test_client()


@pytest.mark.parametrize(
    "host", ["pmo.example.com", "pmo.example.com:8080", "PMO.Example.Com", "example.org", "pmo.example.org"]
)
def test_its_own_names_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/sign-in", "/no-such-page", "/healthz", "/static/site.css", "//sign-in"])
@pytest.mark.parametrize(
    "host",
    [
        "evil.invalid",
        "pmo.example.com.evil.invalid",
        "evilexample.org",
        "x.pmo.example.com",
        "pmo.example.com@evil.invalid",
        "pmo.example.com:80@evil.invalid",
        "127.0.0.1",
        "",
    ],
)
def test_every_other_name_gets_a_page_that_says_so_and_nothing_else(client: FlaskClient, path: str, host: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "This site has another address" in answer.text
    assert "evil" not in f"{answer.text} {answer.headers}"
    assert answer.headers["Content-Security-Policy"]
    assert client.post(path, headers={"Host": host}).status_code == 400


def test_a_door_refuses_without_a_word(client: FlaskClient) -> None:
    answer = client.post("/hooks/some-door", headers={"Host": "evil.invalid"})
    assert (answer.status_code, answer.data) == (400, b"")


@pytest.mark.parametrize(
    "path", ["/", "/runs", "//runs", "/runs/", "/static//site.css", "/runs//1", "//evil.invalid/..", "/\\evil.invalid"]
)
def test_without_a_list_no_answer_repeats_the_name_or_leads_away(app: Flask, path: str) -> None:
    for sent in ({"Host": "evil.invalid"}, {"Host": "evil.invalid", "X-Forwarded-Host": "evil.invalid"}):
        # The client itself would take what follows two slashes for a host.
        answer = app.test_client().get("/", headers=sent, environ_overrides={"PATH_INFO": path})
        leads = urlsplit(answer.headers.get("Location", ""))
        assert (leads.scheme, leads.netloc) == ("", "")
        assert "http://evil" not in answer.text


def test_the_name_a_trusted_proxy_passes_on_is_the_one_that_counts(named: Flask) -> None:
    def ask(trusted: str, **headers: str) -> int:
        taken: Queue[str] = Queue()
        options = {"threads": 1, "trusted_proxy": trusted, "listening": taken.put}
        threading.Thread(target=serve, args=(named, HERE, 0), kwargs=options, daemon=True).start()
        connection = HTTPConnection(urlsplit(taken.get(timeout=30)).netloc, timeout=30)
        connection.request("GET", "/sign-in", headers={name.replace("_", "-"): each for name, each in headers.items()})
        return connection.getresponse().status

    assert ask(HERE, Host="inner:8080", X_Forwarded_Host="pmo.example.com") == 200
    assert ask(HERE, Host="pmo.example.com", X_Forwarded_Host="evil.invalid") == 400
    assert ask("", Host="evil.invalid", X_Forwarded_Host="pmo.example.com") == 400
    assert ask("", Host="pmo.example.com", X_Forwarded_Host="evil.invalid") == 200
