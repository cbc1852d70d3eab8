"""A proxy in front says who is asking: believed from its address alone. Served as `sightline serve` does it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from ipaddress import ip_network
from queue import Queue
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from portfolio.access.grants import read_grants, set_grants, usual
from portfolio.access.groups import add_mapping
from portfolio.access.roles import Grant, Role, usual_scope
from portfolio.audit.entry import COMMAND
from portfolio.model.access import User
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.webapp.compiled import create_app
from tests.webapp.conftest import PASSWORD, TOKEN
from webapp.accounts.local import add_user
from webapp.accounts.users import set_active
from webapp.serve import serve
from webapp.settings import SigningProxy, WebSettings

HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"
NAME, GROUPS = "X-Remote-User", "X-Remote-Groups"


@dataclass
class Browser:
    """A browser that keeps cookies, with a proxy before it that connects from `place` and adds `headers`."""

    site: str
    headers: dict[str, str] = field(default_factory=dict)
    place: str = HERE
    cookie: str = ""

    def ask(self, path: str, method: str = "GET", form: dict[str, str] | None = None) -> HTTPResponse:
        connection = HTTPConnection(self.site, timeout=30, source_address=(self.place, 0))
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        cookie = {"Cookie": self.cookie} if self.cookie else {}
        connection.request(method, path, urlencode(form) if form is not None else "", self.headers | kind | cookie)
        answer = connection.getresponse()
        if answer.headers["Set-Cookie"]:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return answer

    def open(self, path: str) -> tuple[int, str, str]:
        """Follow where one is led; the status, the address and the text in the end."""
        for _ in range(5):
            answer = self.ask(path)
            text = answer.read().decode()
            if answer.status != 302:
                return answer.status, path, text
            path = answer.headers["Location"]
        raise AssertionError("led round in a circle")


Start = Callable[..., Browser]


@pytest.fixture
def start(engine: Engine, clock: Clock) -> Start:
    """`start(name="bea")` is a browser whose proxy says that; the site believes what comes from `HERE`."""

    def begin(name: str = "", groups: str = "", place: str = HERE, trusted_proxy: str = "", **headers: str) -> Browser:
        proxy = SigningProxy(header=NAME, groups_header=GROUPS, networks=(ip_network(HERE),))
        app = create_app(WebSettings(engine=engine, secret_key="only for tests", clock=clock, signing_proxy=proxy))
        said = {name_.replace("_", "-"): value for name_, value in headers.items()}
        said |= {NAME: name} if name else {}
        said |= {GROUPS: groups} if groups else {}
        return Browser(_served(app, trusted_proxy), said, place)

    return begin


def _served(app: Flask, trusted_proxy: str) -> str:
    taken: Queue[str] = Queue()
    options = {"threads": 2, "trusted_proxy": trusted_proxy, "listening": taken.put}
    threading.Thread(target=serve, args=(app, "0.0.0.0", 0), kwargs=options, daemon=True).start()
    return f"{HERE}:{urlsplit(taken.get(timeout=30)).port}"


@pytest.fixture
def mapped(engine: Engine, clock: Clock) -> None:
    """Who is in "pmo office" is a PMO lead, who is in "board" an executive."""
    with writing(engine) as connection:
        for group, role in (("pmo office", Role.PMO_LEAD), ("board", Role.EXECUTIVE)):
            add_mapping(connection, group, Grant(role, usual_scope(role)), clock(), COMMAND)


def accounts(engine: Engine) -> list[tuple[str, str, str | None]]:
    with reading(engine) as connection:
        found = connection.execute(select(User.name, User.origin, User.subject).order_by(User.id))
        return [(row.name, row.origin, row.subject) for row in found]


def test_whoever_the_proxy_names_is_in_without_a_form(engine: Engine, start: Start, mapped: None) -> None:
    status, path, text = start("bea", "staff, pmo office").open("/runs?connection=3")
    assert (status, path) == (200, "/runs?connection=3")
    assert "<bdi>bea</bdi>" in text
    assert accounts(engine) == [("bea", "proxy", "proxy|bea")]
    with reading(engine) as connection:
        assert read_grants(connection, 1) == usual(Role.PMO_LEAD)


def test_the_header_from_anywhere_else_is_ignored_and_logged_once(
    engine: Engine, start: Start, mapped: None, caplog: pytest.LogCaptureFixture
) -> None:
    browser = start("bea", "pmo office", place=ELSEWHERE)
    for _ in range(3):
        status, path, text = browser.open("/")
        assert (status, path.partition("?")[0]) == (200, "/sign-in")
        assert "bea" not in text
    assert accounts(engine) == []
    said = [record.getMessage() for record in caplog.records if NAME in record.getMessage()]
    assert said == [f"the header {NAME} came from {ELSEWHERE}, which is not the proxy: not believed"]


def test_an_address_that_is_only_claimed_is_not_believed(engine: Engine, start: Start, mapped: None) -> None:
    """The one proxy that is believed on where requests come from is not the one that is believed on who asks."""
    browser = start("bea", "pmo office", ELSEWHERE, trusted_proxy=ELSEWHERE, X_Forwarded_For=HERE)
    assert browser.open("/")[1].startswith("/sign-in")
    assert accounts(engine) == []


def test_the_proxy_is_known_by_its_own_address_whoever_it_forwards(engine: Engine, start: Start, mapped: None) -> None:
    browser = start("bea", "pmo office", trusted_proxy=HERE, X_Forwarded_For="192.0.2.7", X_Forwarded_Proto="http")
    assert browser.open("/runs")[:2] == (200, "/runs")


@pytest.mark.parametrize("header", ["X_Remote_User", "X-Remote_User", "x_remote_user"])
def test_a_header_that_only_looks_like_it_once_it_is_read_is_not_it(
    engine: Engine, start: Start, mapped: None, header: str
) -> None:
    """Underscores pass a proxy that takes away what browsers send in its header's name."""
    browser = start(groups="pmo office")
    browser.headers[header] = "bea"
    assert browser.open("/")[1].startswith("/sign-in")
    assert accounts(engine) == []


@pytest.mark.parametrize("name", ["bea, ada", " ", "x" * 300])
def test_a_header_that_names_nobody_or_two_is_not_believed(engine: Engine, start: Start, name: str) -> None:
    browser = start()
    browser.headers[NAME] = name
    assert browser.open("/")[1].startswith("/sign-in")
    assert accounts(engine) == []


def test_a_name_in_utf_8(engine: Engine, start: Start, mapped: None) -> None:
    browser = start(groups="board")
    browser.headers[NAME] = "Zoë".encode().decode("latin-1")
    assert browser.open("/")[0] == 200
    assert accounts(engine)[0][0] == "Zoë"


def test_a_local_account_of_the_same_name_is_not_entered(
    engine: Engine, clock: Clock, start: Start, mapped: None
) -> None:
    add_user(engine, "bea", PASSWORD, usual(Role.ADMIN), clock(), COMMAND)
    status, path, _ = start("bea", "board").open("/connections")
    assert (status, path) == (403, "/connections")
    assert accounts(engine)[1] == ("bea (2)", "proxy", "proxy|bea")


def test_a_session_lasts_only_while_the_proxy_says_the_same(engine: Engine, start: Start, mapped: None) -> None:
    browser = start("bea", "pmo office")
    assert browser.open("/runs")[:2] == (200, "/runs")
    cookie = browser.cookie
    browser.place = ELSEWHERE
    assert browser.open("/runs")[1].startswith("/sign-in")  # the cookie alone, past the proxy
    browser.place, browser.cookie = HERE, cookie
    browser.headers = {NAME: "cyn", GROUPS: "board"}
    assert "<bdi>cyn</bdi>" in browser.open("/")[2]  # another at the same browser
    assert browser.open("/runs")[0] == 403
    browser.headers, browser.cookie = {}, cookie
    assert browser.open("/runs")[1].startswith("/sign-in")


def test_a_group_counts_from_the_next_sign_in_on_which_comes_by_itself(
    engine: Engine, clock: Clock, start: Start, mapped: None
) -> None:
    browser = start("bea", "pmo office")
    browser.open("/")
    browser.headers[GROUPS] = "board"
    assert browser.open("/runs")[0] == 200
    clock.advance(hours=3)
    assert browser.open("/runs")[0] == 403


def test_without_a_role_or_switched_off_there_is_a_page_that_says_so(
    engine: Engine, clock: Clock, start: Start
) -> None:
    browser = start("bea")
    status, path, text = browser.open("/runs")
    assert (status, path) == (403, "/sign-in/proxy?next=/runs")
    assert "You have no role yet" in text
    with writing(engine) as connection:
        set_grants(connection, 1, usual(Role.AUDITOR), clock(), COMMAND)
    assert browser.open("/runs")[:2] == (200, "/runs")
    with writing(engine) as connection:
        set_active(connection, 1, False, clock(), COMMAND)
    status, _, text = browser.open("/runs")
    assert status == 403
    assert "Your account is switched off" in text


def test_changes_still_need_the_forms_token_and_signing_out_says_what_it_means(start: Start, mapped: None) -> None:
    browser = start("bea", "pmo office")
    _, _, page = browser.open("/")
    assert browser.ask("/sign-out", "POST", {}).status == 400
    found = TOKEN.search(page)
    assert found is not None
    out = browser.ask("/sign-out", "POST", {"csrf_token": found[1]})
    assert (out.status, out.headers["Location"]) == (302, "/signed-out")
    status, path, text = browser.open("/signed-out")
    assert (status, path) == (200, "/signed-out")
    assert "still knows you as <bdi>bea</bdi>" in text
    assert 'action="/sign-out"' not in text


def test_an_admin_who_comes_past_the_proxy_signs_in_with_a_password(engine: Engine, clock: Clock, start: Start) -> None:
    add_user(engine, "ada", PASSWORD, usual(*Role), clock(), COMMAND)
    browser = start()
    _, _, page = browser.open("/sign-in")
    found = TOKEN.search(page)
    assert found is not None
    form = {"name": "ada", "password": PASSWORD, "csrf_token": found[1]}
    assert browser.ask("/sign-in", "POST", form).headers["Location"] == "/"


def test_where_the_mode_is_off_the_header_is_nothing(engine: Engine, clock: Clock, mapped: None) -> None:
    app = create_app(WebSettings(engine=engine, secret_key="only for tests", clock=clock))
    browser = Browser(_served(app, ""), {NAME: "bea", GROUPS: "pmo office"})
    assert browser.open("/")[1].startswith("/sign-in")
    assert browser.open("/sign-in/proxy")[1].startswith("/sign-in")
    assert accounts(engine) == []
