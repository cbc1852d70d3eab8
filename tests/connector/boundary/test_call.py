"""The boundary against a real server, through the transports of both client libraries."""

from __future__ import annotations

import socket
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from connector.boundary.answer import Answer
from connector.boundary.call import Boundary
from connector.errors import (
    AbortError,
    BadAddressError,
    BadAnswerError,
    ConnectorError,
    MissingError,
    RateLimitedError,
    RetryError,
    SignInError,
    TrackerDownError,
    WebPageError,
)
from connector.settings import ConnectionSettings, SignIn
from tests.connector.boundary.scripted import Say, ScriptedServer
from tests.connector.boundary.senders import TOKEN, Sender, Watch, boundary, by_requests, by_urllib3

GOOD = Say(body=b'{"ok": true}')
PAGE = Say(body=b"<html>please sign in</html>", headers={"Content-Type": "text/html"})


class Ok(msgspec.Struct):
    ok: bool


@pytest.fixture(params=[by_requests, by_urllib3], ids=["requests", "urllib3"])
def sender(request: pytest.FixtureRequest) -> Sender:
    return request.param


def ask(through: Boundary, sender: Sender, server: ScriptedServer, method: str = "GET", reads: bool = False) -> Ok:
    send = sender(method, f"{server.address}/thing?secret=query")
    return through.fetch(send, method=method, path="/thing", shape=Ok, reads=reads)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(Say(drop=True), id="connection cut"),
        pytest.param(Say(body=b'{"ok": tr', length=500), id="body cut by the network"),
        pytest.param(Say(body=b'{"ok": tr'), id="body cut at the tracker"),
        pytest.param(Say(body=b""), id="empty 200"),
        pytest.param(Say(body=b"[]"), id="other shape"),
        pytest.param(PAGE, id="web page"),
        pytest.param(Say(status=302, headers={"Location": "/login.jsp"}), id="redirect to sign-in"),
        pytest.param(Say(status=503), id="503"),
        pytest.param(Say(status=500, body=b"<html>"), id="500 with a page"),
        pytest.param(Say(body=b"x", headers={"Content-Encoding": "gzip"}), id="garbled compression"),
        pytest.param(Say(hang=True), id="time-out"),
        pytest.param(Say(status=429), id="throttled"),
    ],
)
def test_a_passing_trouble_is_asked_again(sender: Sender, bad: Say) -> None:
    with ScriptedServer(bad, GOOD) as server:
        assert ask(boundary(Watch()), sender, server) == Ok(True)
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("bad", "kind", "asked"),
    [
        (Say(status=401), SignInError, 1),
        (Say(status=403, headers={"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; url"}), SignInError, 1),
        (Say(status=404), MissingError, 1),
        (Say(status=502), TrackerDownError, 5),
        (Say(drop=True), TrackerDownError, 5),
        (Say(body=b'{"ok"'), BadAnswerError, 3),
        (Say(status=429), RateLimitedError, 5),
    ],
)
def test_a_lasting_trouble_is_raised(sender: Sender, bad: Say, kind: type[ConnectorError], asked: int) -> None:
    with ScriptedServer(bad) as server, pytest.raises(kind) as raised:
        ask(boundary(Watch()), sender, server)
    assert len(server.asked) == asked
    assert (raised.value.method, raised.value.path) == ("GET", "/thing")


def test_what_is_raised_shows_and_holds_no_secret(sender: Sender) -> None:
    with ScriptedServer(Say(drop=True)) as server, pytest.raises(TrackerDownError) as raised:
        ask(boundary(Watch()), sender, server)
    error = raised.value
    assert error.__cause__ is None
    assert error.__context__ is None
    told = str(error) + repr(error) + "".join(traceback.format_exception(error))
    assert TOKEN not in told
    assert "secret=query" not in told


def test_a_page_where_no_tracker_ever_answered_is_a_wrong_address(sender: Sender) -> None:
    with ScriptedServer(PAGE) as server, pytest.raises(BadAddressError, match="No tracker answers"):
        ask(boundary(Watch()), sender, server)
    missing = Say(status=404, body=b"<html>", headers={"Content-Type": "text/html"})
    with ScriptedServer(missing) as server, pytest.raises(BadAddressError, match="No tracker answers"):
        ask(boundary(Watch()), sender, server)


def test_a_page_from_a_tracker_known_to_be_there_is_a_bad_answer(sender: Sender) -> None:
    through = boundary(Watch())
    with ScriptedServer(GOOD, PAGE) as server:
        ask(through, sender, server)
        with pytest.raises(WebPageError, match="web page instead of data"):
            ask(through, sender, server)


def test_a_refused_connection_is_a_wrong_address_first_and_an_outage_later(sender: Sender) -> None:
    through = boundary(Watch())
    with socket.socket() as idle:
        idle.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{idle.getsockname()[1]}/thing"
        with pytest.raises(BadAddressError, match="Nothing answers at the address"):
            through.fetch(sender("GET", url), method="GET", path="/thing", shape=Ok)
        with ScriptedServer(GOOD) as server:
            ask(through, sender, server)
        with pytest.raises(TrackerDownError, match="Nothing answers at the address"):
            through.fetch(sender("GET", url), method="GET", path="/thing", shape=Ok)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://no-such-tracker.invalid/", "host name of the address is not known"),
        ("ftp://tracker.invalid/", "address cannot be used"),
    ],
)
def test_an_address_that_leads_nowhere_is_named(sender: Sender, url: str, words: str) -> None:
    with pytest.raises(BadAddressError, match=words) as raised:
        boundary(Watch()).fetch(sender("GET", url), method="GET", path="/thing", shape=Ok)
    assert raised.value.remedy


def test_tls_that_is_not_spoken_is_a_wrong_address(sender: Sender) -> None:
    with ScriptedServer(GOOD) as server:
        send = sender("GET", server.address.replace("http:", "https:"))
        with pytest.raises(BadAddressError, match="certificate"):
            boundary(Watch()).fetch(send, method="GET", path="/thing", shape=Ok)


def test_a_post_is_repeated_only_where_it_is_safe(sender: Sender) -> None:
    with ScriptedServer(Say(status=503), GOOD) as server, pytest.raises(TrackerDownError):
        ask(boundary(Watch()), sender, server, "POST")
    assert len(server.asked) == 1
    with ScriptedServer(Say(status=503), GOOD) as server:
        assert ask(boundary(Watch()), sender, server, "POST", reads=True).ok
    with ScriptedServer(Say(status=429), GOOD) as server:
        assert ask(boundary(Watch()), sender, server, "POST").ok


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param(Say(drop=True), id="connection cut"),
        pytest.param(Say(hang=True), id="time-out"),
        pytest.param(Say(body=b'{"ok": tr', length=500), id="body cut by the network"),
        pytest.param(Say(body=b'{"ok": tr'), id="body cut at the tracker"),
        pytest.param(Say(body=b""), id="empty 200"),
        pytest.param(Say(status=500), id="500"),
    ],
)
def test_what_may_have_been_done_is_not_asked_for_twice(sender: Sender, lost: Say) -> None:
    with ScriptedServer(lost, GOOD) as server:
        with pytest.raises(RetryError):
            ask(boundary(Watch()), sender, server, "POST")
        assert len(server.asked) == 1


def test_the_wait_the_tracker_names_is_kept_in_full(sender: Sender) -> None:
    watch = Watch()
    with ScriptedServer(Say(status=429, headers={"Retry-After": "47"}), GOOD) as server:
        ask(boundary(watch, chance=0.5), sender, server)
    assert sum(watch.slept) == pytest.approx(47.5)


def test_a_wait_too_long_to_sleep_is_handed_on(sender: Sender) -> None:
    watch = Watch()
    with (
        ScriptedServer(Say(status=429, headers={"Retry-After": "1847"})) as server,
        pytest.raises(RateLimitedError) as raised,
    ):
        ask(boundary(watch), sender, server)
    assert raised.value.retry_after == 1847
    assert watch.slept == []


def test_while_it_lasts_nothing_is_asked(sender: Sender) -> None:
    watch = Watch()
    through = boundary(watch)
    with ScriptedServer(Say(status=429, headers={"Retry-After": "1847"}), GOOD) as server:
        for _ in range(3):
            with pytest.raises(RateLimitedError, match="Try again after"):
                ask(through, sender, server)
        assert len(server.asked) == 1
        watch.time += 1847
        assert ask(through, sender, server).ok


def test_fewer_requests_are_under_way_after_a_429() -> None:
    watch, most, under_way = Watch(), [0], [0]
    through = boundary(watch)
    lock, all_in = threading.Lock(), threading.Barrier(4)
    throttling = Answer(429, {"Retry-After": "1"}, b"")

    def refused_together() -> Answer:
        all_in.wait(10)
        return throttling

    def counted() -> Answer:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        time.sleep(0.01)
        with lock:
            under_way[0] -= 1
        return Answer(200, {}, b"{}")

    def work() -> None:
        answers = iter([refused_together])
        through.fetch(lambda: next(answers, counted)(), method="GET", path="/thing", shape=msgspec.Raw)

    with ThreadPoolExecutor(4) as pool:
        for asked in [pool.submit(work) for _ in range(4)]:
            asked.result(timeout=20)
    assert most[0] <= 2


def test_pauses_grow_and_keep_half_of_themselves_whatever_the_chance(sender: Sender) -> None:
    watch = Watch()
    with ScriptedServer(Say(status=500)) as server, pytest.raises(TrackerDownError):
        ask(boundary(watch, chance=0.0), sender, server)
    assert watch.slept == [0.25, 0.5, 1.0, 2.0]


@pytest.mark.parametrize("first", [Say(status=429, headers={"Retry-After": "110"}), Say(status=503)])
def test_closing_wakes_who_waits_and_nothing_is_asked_any_more(sender: Sender, first: Say) -> None:
    waiting = threading.Event()

    def chance() -> float:
        waiting.set()
        return 1.0

    settings = ConnectionSettings(
        tracker="jira", address="http://tracker.invalid", sign_in=SignIn.PERSONAL_TOKEN, requests_per_minute=1
    )
    through = Boundary(settings, random=chance)
    with ScriptedServer(first, GOOD) as server, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, through, sender, server)
        assert waiting.wait(10)
        through.close()
        with pytest.raises(AbortError, match="closed"):
            asked.result(timeout=10)
        with pytest.raises(AbortError, match="closed"):
            ask(through, sender, server)
        assert len(server.asked) == 1


def test_data_cut_short_say_when_to_try_again(sender: Sender) -> None:
    with ScriptedServer(*[Say(body=b'{"ok"')] * 3) as server, pytest.raises(BadAnswerError) as raised:
        ask(boundary(Watch()), sender, server)
    assert "again in a few minutes" in raised.value.remedy
