"""Sending through either library's transport, as connectors do, and a boundary that never really sleeps."""

from __future__ import annotations

from collections.abc import Callable

import requests
import urllib3

from connector.boundary.answer import Answer, Send
from connector.boundary.call import Boundary
from connector.settings import ConnectionSettings, SignIn

TOKEN = "a-token-nobody-may-see"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
Sender = Callable[[str, str], Send]


def by_requests(method: str, url: str) -> Send:
    def send() -> Answer:
        got = requests.request(method, url, headers=HEADERS, timeout=(0.5, 0.5), allow_redirects=False)
        return Answer(got.status_code, got.headers, got.content)

    return send


def by_urllib3(method: str, url: str) -> Send:
    pool = urllib3.PoolManager()

    def send() -> Answer:
        timeout = urllib3.Timeout(connect=0.5, read=0.5)
        got = pool.request(method, url, headers=HEADERS, timeout=timeout, retries=False, redirect=False)
        return Answer(got.status, got.headers, got.data)

    return send


class Watch:
    """A clock that moves only when somebody sleeps; `slept` are the waits, in seconds."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def boundary(watch: Watch, *, requests_per_minute: int = 0, chance: float = 0.0) -> Boundary:
    settings = ConnectionSettings(
        tracker="jira",
        address="http://tracker.invalid",
        sign_in=SignIn.PERSONAL_TOKEN,
        requests_per_minute=requests_per_minute,
    )
    return Boundary(settings, sleep=watch.sleep, clock=watch, now=watch, random=lambda: chance)
