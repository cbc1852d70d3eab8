"""A tracker on real HTTP for one history: its clock, its faults, and edits that happen when a request arrives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from connector.asana.connection import AsanaConnector
from connector.boundary.call import Boundary
from connector.jira.connection import JiraConnector
from connector.protocol import Connector
from connector.settings import ConnectionSettings, Secret, SignIn
from simulator.faults import Faults, FaultyApp
from simulator.wire import WireServer
from tests.loopback import LOOPBACK

TOKEN = "simulated-token"


class Clock:
    """The world's time. It stands still until it is told to move; safe to use from several threads."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._guard = threading.Lock()

    def __call__(self) -> datetime:
        with self._guard:
            return self._now

    def advance(self, seconds: float) -> None:
        with self._guard:
            self._now += timedelta(seconds=seconds)


class Patience:
    """Time as the connector's boundary lives it: it sleeps in no time at all."""

    def __init__(self) -> None:
        self._now = 0.0
        self._guard = threading.Lock()

    def __call__(self) -> float:
        with self._guard:
            return self._now

    def sleep(self, seconds: float) -> None:
        with self._guard:
            self._now += max(seconds, 0.0)


class Meddling:
    """An application that does something else first when its n-th request from now arrives."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._guard = threading.Lock()
        self._due: list[tuple[int, Callable[[], object]]] = []
        self.requests = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._guard:
            self.requests += 1
            due = [act for at, act in self._due if at <= self.requests]
            self._due = [(at, act) for at, act in self._due if at > self.requests]
            for act in due:
                act()
        return self._app(environ, start_response)

    def meddle(self, after: int, act: Callable[[], object]) -> None:
        """Have something done when the request after so many more arrives."""
        with self._guard:
            self._due.append((self.requests + after + 1, act))

    def leave_be(self) -> None:
        """Forget what has not been done."""
        with self._guard:
            self._due.clear()


class Stage:
    """Serves one tracker while the `with` block runs."""

    def __init__(self, app: WSGIApplication, path: str) -> None:
        self.faults = Faults()
        self.meddling = Meddling(FaultyApp(app, self.faults))
        self._server = WireServer(self.meddling)
        self.address = self._server.address + path

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.faults.end()
        self._server.stop()


def settings_for(tracker: str, sign_in: SignIn, address: str, scope: tuple[str, ...]) -> ConnectionSettings:
    """How to reach a simulated tracker. Pages are small, so that few items make several."""
    account = "me@chaos.invalid" if sign_in is SignIn.CLOUD_TOKEN else ""
    return ConnectionSettings(
        tracker=tracker, address=address, sign_in=sign_in, account=account, scope=scope, page_size=5
    )


def open_patiently(settings: ConnectionSettings) -> Connector:
    """A connector that keeps all the pauses it should, and takes no time for them."""
    patience = Patience()
    boundary = Boundary(settings, outbound=LOOPBACK, sleep=patience.sleep, clock=patience, random=lambda: 0.5)
    opening = AsanaConnector if settings.tracker == "asana" else JiraConnector
    return opening(settings, Secret(TOKEN), boundary)
