"""Faults on demand: what a tracker, a proxy or a network does on a bad day, and a log of what was asked.

A `Fault` is matched against method and "path?query" of each request; the first match that is not used up is applied.
`FaultyApp` wraps any simulated tracker. Tests hold the `Faults` object; another process uses the control door:

    POST   /__simulator__/faults   one fault, or a list of them, as JSON objects of `Fault`'s fields
    GET    /__simulator__/faults   the faults in force
    DELETE /__simulator__/faults   all faults are gone
    GET    /__simulator__/log      the requests so far, oldest first
    DELETE /__simulator__/log      the log starts anew
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import msgspec

from simulator.wire import ConnectionDropped, call, status_line

_DOOR = "/__simulator__/"
_HTML = "<html><head><title>Down for maintenance</title></head><body><h1>We'll be right back</h1></body></html>"


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that goes wrong.

    `path` is a regular expression searched in "path?query", `method` a method or "" for any. The first `skip` matching
    requests pass, then `count` requests are hit (None: until cleared). `latency_s` holds the request up first, alone or
    with the rest. `status` answers with that status and `body`; `retry_after` becomes the Retry-After header as it is.
    `answer` is one of "drop" (connection reset, no answer), "truncated" (half of the real body), "html" (a maintenance
    page with 200), "empty" (200, no body), "login" (302 to a login page); "" with status 0 only delays.
    """

    path: str = ""
    method: str = ""
    status: int = 0
    answer: str = ""
    body: str | None = None
    retry_after: str | int | float | None = None
    latency_s: float = 0.0
    count: int | None = None
    skip: int = 0

    def __post_init__(self) -> None:
        if self.answer not in ("", "drop", "truncated", "html", "empty", "login"):
            raise ValueError(f"unknown answer {self.answer!r}")
        if self.status:
            status_line(self.status)
        re.compile(self.path)


class Seen(msgspec.Struct, frozen=True):
    """One logged request. `status` is 0 where the connection was dropped."""

    method: str
    path: str
    query: str
    status: int


class _Rule:
    """A fault in force and how often it still applies."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.pattern = re.compile(fault.path)
        self.skip = fault.skip
        self.left = fault.count

    def matches(self, method: str, target: str) -> bool:
        if self.left == 0 or (self.fault.method and self.fault.method.upper() != method):
            return False
        return self.pattern.search(target) is not None

    def hit(self) -> bool:
        if self.skip:
            self.skip -= 1
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """The faults of one server and its log. Safe to use from any thread while the server runs."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._rules: list[_Rule] = []
        self._log: deque[Seen] = deque(maxlen=200_000)
        self._ended = threading.Event()

    def add(self, *faults: Fault) -> None:
        with self._guard:
            self._rules.extend(_Rule(fault) for fault in faults)

    def clear(self) -> None:
        with self._guard:
            self._rules.clear()

    @property
    def active(self) -> list[Fault]:
        with self._guard:
            return [rule.fault for rule in self._rules if rule.left != 0]

    @property
    def log(self) -> list[Seen]:
        with self._guard:
            return list(self._log)

    def seen(self, path: str = "", method: str = "") -> list[Seen]:
        """The logged requests whose "path?query" matches the regular expression."""
        wanted = re.compile(path)
        return [
            seen
            for seen in self.log
            if (not method or seen.method == method) and wanted.search(_target(seen.path, seen.query))
        ]

    def forget(self) -> None:
        """Start the log anew."""
        with self._guard:
            self._log.clear()

    def end(self) -> None:
        """Let every held-up request go at once: the server stops."""
        self._ended.set()

    def take(self, method: str, path: str, query: str) -> Fault | None:
        """The fault this request meets, counted as used."""
        target = _target(path, query)
        with self._guard:
            for rule in self._rules:
                if rule.matches(method, target) and rule.hit():
                    return rule.fault
        return None

    def note(self, seen: Seen) -> None:
        with self._guard:
            self._log.append(seen)

    def hold(self, seconds: float) -> None:
        if seconds > 0:
            self._ended.wait(seconds)


class FaultyApp:
    """A tracker behind its faults."""

    def __init__(self, app: WSGIApplication, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method, path, query = environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if path.startswith(_DOOR):
            return self._door(environ, start_response, method, path.removeprefix(_DOOR).strip("/"))
        fault = self._faults.take(method, path, query)
        if fault is None:
            status, headers, body = call(self._app, environ)
        else:
            self._faults.hold(fault.latency_s)
            if fault.answer == "drop":
                self._faults.note(Seen(method, path, query, 0))
                raise ConnectionDropped
            status, headers, body = self._apply(fault, environ)
        self._faults.note(Seen(method, path, query, int(status[:3])))
        start_response(status, headers)
        return [body]

    def _apply(self, fault: Fault, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes]:
        headers = [] if fault.retry_after is None else [("Retry-After", str(fault.retry_after))]
        if fault.answer == "html":
            return "200 OK", [*headers, ("Content-Type", "text/html;charset=UTF-8")], (fault.body or _HTML).encode()
        if fault.answer == "empty":
            return "200 OK", [*headers, ("Content-Type", "application/json;charset=UTF-8")], b""
        if fault.answer == "login":
            return "302 Found", [*headers, ("Location", "/login.jsp?os_destination=%2Fsecure%2F")], b""
        if fault.status:
            words = status_line(fault.status)
            text = fault.body if fault.body is not None else msgspec.json.encode({"errorMessages": [words]}).decode()
            return words, [*headers, ("Content-Type", "application/json;charset=UTF-8")], text.encode()
        status, own, body = call(self._app, environ)
        if fault.answer == "truncated":
            own = [pair for pair in own if pair[0].lower() != "content-length"]
            return status, [*own, ("Content-Length", str(len(body)))], body[: len(body) // 2]
        return status, own, body

    def _door(self, environ: WSGIEnvironment, respond: StartResponse, method: str, what: str) -> Iterable[bytes]:
        answer: Any = {}
        status = "200 OK"
        try:
            if (method, what) == ("POST", "faults"):
                self._faults.add(*_read_faults(environ["wsgi.input"].read()))
            elif (method, what) == ("DELETE", "faults"):
                self._faults.clear()
            elif (method, what) == ("DELETE", "log"):
                self._faults.forget()
            elif method == "GET" and what in ("faults", "log"):
                answer = self._faults.active if what == "faults" else self._faults.log
            else:
                status, answer = "404 Not Found", {"error": "the control door has /faults and /log"}
        except (msgspec.DecodeError, ValueError, re.error) as error:
            status, answer = "400 Bad Request", {"error": str(error)}
        respond(status, [("Content-Type", "application/json")])
        return [msgspec.json.encode(answer)]


def _read_faults(body: bytes) -> list[Fault]:
    if body.lstrip().startswith(b"["):
        return msgspec.json.decode(body, type=list[Fault])
    return [msgspec.json.decode(body, type=Fault)]


def _target(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
