"""What a site is about to tell its webhooks, and the thread that tells it."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

_TIMEOUT_S = 5.0
_FIRST_PAUSE_S = 0.05
_AGAIN = frozenset({408, 409, 425, 429, *range(500, 600)})


@dataclass(frozen=True)
class Delivery:
    """One notice for one webhook. `identifier` stays the same however often it is sent."""

    identifier: str
    url: str
    secret: str
    body: bytes

    def headers(self, attempt: int) -> dict[str, str]:
        told = {
            "Content-Type": "application/json; charset=UTF-8",
            "User-Agent": "Atlassian Webhook HTTP Client",
            "X-Atlassian-Webhook-Identifier": self.identifier,
            "X-Atlassian-Webhook-Flow": "Primary",
        }
        if attempt:
            told["X-Atlassian-Webhook-Retry"] = str(attempt)
        if self.secret:
            digest = hmac.new(self.secret.encode(), self.body, hashlib.sha256).hexdigest()
            told["X-Hub-Signature"] = f"sha256={digest}"
        return told


class Outbox:
    """Deliveries in the order they were made. Safe to use from several threads.

    The next `lost` deliveries never leave, and each of the next `doubled` leaves twice.
    """

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._waiting: deque[Delivery] = deque()
        self._under_way = 0
        self._ended = False
        self.lost = 0
        self.doubled = 0

    def put(self, delivery: Delivery) -> None:
        with self._change:
            if self.lost:
                self.lost -= 1
                return
            copies = 2 if self.doubled else 1
            self.doubled = max(self.doubled - 1, 0)
            self._waiting.extend([delivery] * copies)
            self._change.notify_all()

    def run(self, send: Callable[[Delivery], None]) -> None:
        """Hand everything that comes in to `send`, until `end` is called."""
        while True:
            with self._change:
                self._change.wait_for(lambda: self._ended or self._waiting)
                if self._ended:
                    return
                delivery = self._waiting.popleft()
                self._under_way += 1
            try:
                send(delivery)
            finally:
                with self._change:
                    self._under_way -= 1
                    self._change.notify_all()

    def settle(self, timeout_s: float) -> bool:
        """Wait until everything was sent, or given up. False when that takes too long."""
        with self._change:
            return self._change.wait_for(lambda: not self._waiting and not self._under_way, timeout_s)

    def begin(self) -> None:
        with self._change:
            self._ended = False

    def end(self) -> None:
        """Send nothing more; what waits is kept."""
        with self._change:
            self._ended = True
            self._change.notify_all()


class Courier:
    """Sends what is in an outbox, from a thread of its own. `attempts` is how often it tries for one delivery."""

    def __init__(self, outbox: Outbox, attempts: int) -> None:
        self._outbox = outbox
        self._attempts = attempts
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=outbox.run, args=(self._send,), daemon=True)

    def start(self) -> None:
        self._outbox.begin()
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._outbox.end()
        self._thread.join()

    def _send(self, delivery: Delivery) -> None:
        for attempt in range(self._attempts):
            if attempt and self._stopped.wait(_FIRST_PAUSE_S * 2**attempt):
                return
            if _post(delivery, attempt) not in _AGAIN:
                return


def _post(delivery: Delivery, attempt: int) -> int:
    """The status of the answer; 599 where there is none."""
    where = urlsplit(delivery.url)
    kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
    connection = kind(where.hostname or "", where.port, timeout=_TIMEOUT_S)
    target = f"{where.path or '/'}?{where.query}" if where.query else where.path or "/"
    try:
        connection.request("POST", target, delivery.body, delivery.headers(attempt))
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 599
    finally:
        connection.close()
