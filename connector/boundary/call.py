"""One request through the boundary, as often as is right."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import random as chance
from typing import TypeVar

import msgspec
import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception

from connector.boundary.answer import Answer, Send
from connector.boundary.classify import LATER_REMEDY, PAGE_REMEDY, fault, is_web_page, throttling
from connector.boundary.gate import Gate
from connector.boundary.governor import Governor, LocalGovernor
from connector.boundary.halves import decode
from connector.boundary.network import NETWORK, network_fault
from connector.boundary.patience import LONGEST_WAIT_S, wait
from connector.boundary.told import told
from connector.errors import (
    AbortError,
    BadAddressError,
    BadAnswerError,
    BarredAddressError,
    ConnectorError,
    MissingError,
    RateLimitedError,
    RetryError,
    WebPageError,
)
from connector.outbound import PUBLIC, Outbound
from connector.settings import ConnectionSettings

T = TypeVar("T")

MOST_ATTEMPTS = 5
MOST_BAD_ANSWERS = 3
CONNECT_TIMEOUT_S = 10
# How long all others wait when the tracker throttles and names no wait.
UNNAMED_PAUSE_S = 1.0

_log = structlog.get_logger("connector")


class Boundary:
    """The way to one tracker for one connection. Safe to use from several threads.

    Retries what may succeed later and is safe to repeat, waits as the tracker asks, keeps to the pace its `governor`
    sets, and raises only `connector.errors`. A pause too long to sit out is a `RateLimitedError`, and while it lasts
    nothing is asked at all. Nothing it raises or logs holds a header, a token, a query or a body, in text or chain.
    `close` wakes its sleepers, unless `sleep` is another way of sleeping. Without a governor the pace is this object's
    own, by `clock`. `outbound` is for whoever makes the sockets: where they may lead.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        *,
        governor: Governor | None = None,
        outbound: Outbound = PUBLIC,
        sleep: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        random: Callable[[], float] = chance,
    ) -> None:
        self._closed = threading.Event()
        self._pause = sleep or self._closed.wait
        self._now = now
        self._random = random
        self._governor: Governor = governor or LocalGovernor(settings.requests_per_minute, clock=clock)
        self._gate = Gate(self._governor.width)
        self._answered = False
        # Taken apart by hand: an address that is none must still be named.
        self._host = settings.address.partition("//")[2].partition("/")[0].rpartition("@")[2]
        self.outbound = outbound
        self.timeout: tuple[int, int] = (min(CONNECT_TIMEOUT_S, settings.timeout_s), settings.timeout_s)

    def fetch(self, send: Send, *, method: str, path: str, shape: type[T], reads: bool = False) -> T:
        """Send a request and decode its whole body as `shape` (a msgspec type; `msgspec.Raw` for "any valid JSON").

        `send` returns an `Answer` for whatever status came. `path` names the request in errors: no host, no query.
        A GET is repeated on `RetryError` kinds; any other method only when throttled (the tracker did nothing then) or
        when `reads` declares that it changes nothing, as a search by POST does.
        """
        try:
            return self._repeated(send, method, path, shape, reads or method == "GET")
        except BadAddressError as raised:
            raised.what = f"{raised.what} ({self._host})"
            raise

    def close(self) -> None:
        """Ask nothing more. Whoever waits is woken and, like all who ask from now on, gets an `AbortError`."""
        self._closed.set()
        self._gate.give_up()

    def _sleep(self, seconds: float) -> None:
        self._pause(seconds)
        self._require_open()

    def _require_open(self) -> None:
        if self._closed.is_set():
            raise AbortError("The connection was closed")

    def _repeated(self, send: Send, method: str, path: str, shape: type[T], repeatable: bool) -> T:
        retrying = Retrying(
            sleep=self._sleep,
            wait=self._wait,
            retry=retry_if_exception(lambda raised: _again(raised, repeatable)),
            stop=_enough,
            before_sleep=_tell,
            reraise=True,
        )
        try:
            decoded: T = retrying(self._once, send, method, path, shape)
        except WebPageError as raised:
            if self._answered:
                raise
            status = raised.status
        else:
            return decoded
        what = "No tracker answers at this address: a web page came instead of data"
        raise BadAddressError(what, remedy=PAGE_REMEDY, method=method, path=path, status=status)

    def _once(self, send: Send, method: str, path: str, shape: type[T]) -> T:
        with self._gate:
            self._await_turn(method, path)
            answer, under_way = self._sent(send, method, path), self._gate.passing
        # Raised outside of the handler: the library's exception holds the signed request and must not be chained.
        if isinstance(answer, ConnectorError):
            raise answer
        error = fault(answer, method=method, path=path, now=self._now())
        if isinstance(error, MissingError) and is_web_page(answer) and not self._answered:
            what = "No tracker answers at this address: the page does not exist"
            error = BadAddressError(what, remedy=PAGE_REMEDY, method=method, path=path, status=answer.status)
        if isinstance(error, RateLimitedError):
            self._governor.throttled(error.retry_after or UNNAMED_PAUSE_S, under_way, told(answer, self._now()))
        if error is not None:
            raise error
        return self._decoded(answer, method, path, shape)

    def _await_turn(self, method: str, path: str) -> None:
        """Wait for this request's turn. Who was throttled meanwhile, by whatever process, waits for another one."""
        self._require_open()
        turn = self._governor.turn()
        while True:
            now = self._governor.now()
            held = self._governor.free_at() - now
            if held > LONGEST_WAIT_S:
                raise throttling(held, method=method, path=path, now=self._now())
            if turn > now:
                self._sleep(turn - now)
            if self._governor.free_at() <= turn:
                return
            turn = self._governor.turn()

    def _sent(self, send: Send, method: str, path: str) -> Answer | ConnectorError:
        try:
            return send()
        except NETWORK as raised:
            return network_fault(raised, method=method, path=path, answered=self._answered)
        except BarredAddressError as raised:
            return BarredAddressError(raised.what, remedy=raised.remedy, method=method, path=path)

    def _decoded(self, answer: Answer, method: str, path: str, shape: type[T]) -> T:
        try:
            decoded = decode(answer.body, shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            what = "The tracker's answer is cut short, or is not the data it should be"
            raise BadAnswerError(what, method=method, path=path, status=answer.status, remedy=LATER_REMEDY) from None
        self._answered = True
        self._governor.answered(told(answer, self._now()))
        return decoded

    def _wait(self, state: RetryCallState) -> float:
        error = _raised(state)
        return wait(error, state.attempt_number, self._random()) if isinstance(error, ConnectorError) else 0.0


def _again(raised: BaseException, repeatable: bool) -> bool:
    if isinstance(raised, RateLimitedError):
        return (raised.retry_after or 0.0) <= LONGEST_WAIT_S
    return repeatable and isinstance(raised, RetryError)


def _enough(state: RetryCallState) -> bool:
    bad = isinstance(_raised(state), BadAnswerError)
    return state.attempt_number >= (MOST_BAD_ANSWERS if bad else MOST_ATTEMPTS)


def _raised(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _tell(state: RetryCallState) -> None:
    error = _raised(state)
    if isinstance(error, ConnectorError):
        event = "throttled" if isinstance(error, RateLimitedError) else "request repeated"
        where = {"method": error.method, "path": error.path, "status": error.status}
        _log.warning(
            event, problem=error.what, attempt=state.attempt_number, wait_s=round(state.upcoming_sleep, 1), **where
        )
