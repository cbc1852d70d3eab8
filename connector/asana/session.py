"""Requests to Asana: the `asana` client signs and sends them, the boundary guards them, the bytes stay as they came.

The client's own listing functions are not used: they change the options they are given, loop on repeated offsets and
rewrite non-breaking spaces in every answer. One client serves all threads of a connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TypeVar

import asana
import msgspec
import urllib3.exceptions
from asana.rest import ApiException

from connector.asana.configuring import configuration
from connector.boundary.answer import Answer, Send, whole_body
from connector.boundary.call import Boundary
from connector.boundary.connecting import keep_to
from connector.errors import BadAnswerError, RefusedError
from connector.settings import ConnectionSettings, Secret

T = TypeVar("T")

MOST_PER_PAGE = 100
PRECONDITION_FAILED = 412
UNSURE = timedelta(minutes=10)
"""How far our own clock may be ahead of Asana's."""


class _NextPage(msgspec.Struct):
    offset: str | None = None


class _List(msgspec.Struct):
    data: list[msgspec.Raw]
    next_page: _NextPage | None = None


class _Single(msgspec.Struct):
    data: msgspec.Raw


class Events(msgspec.Struct, frozen=True):
    """An answer with events, not read yet. `data` None: the token is too old or there was none. `sync` goes on."""

    sync: str
    data: list[msgspec.Raw] | None = None
    has_more: bool = False


class ListPage(msgspec.Struct, frozen=True):
    """One page of a list: raw slices, and the offset of the next page, None at the end.

    `anew` tells that the list was begun anew with this page: what came before comes again.
    """

    slices: list[msgspec.Raw]
    offset: str | None
    anew: bool = False


class Session:
    """One signed-in client. Every method raises `connector.errors` only."""

    def __init__(self, settings: ConnectionSettings, secret: Secret, boundary: Boundary) -> None:
        self._boundary = boundary
        self._limit = str(max(1, min(settings.page_size, MOST_PER_PAGE)))
        self._client = asana.ApiClient(configuration(settings, secret))
        keep_to(boundary.outbound, self._client.rest_client.pool_manager)
        self._ahead: timedelta | None = None

    def one(self, path: str, fields: Sequence[str] = ()) -> msgspec.Raw:
        """A single document."""
        return self._get(path, _asked({}, fields), _Single).data

    def pages(
        self, path: str, params: dict[str, str], fields: Sequence[str], offset: str | None = None
    ) -> Iterator[ListPage]:
        """The pages of a list from `offset` on.

        Offsets expire; a list whose offset is refused is read from its beginning again, once.
        """
        seen: set[str] = set()
        restarted = False
        while True:
            try:
                answer = self.page(path, params, fields, offset)
            except RefusedError:
                if offset is None or restarted:
                    raise
                restarted, offset = True, None
                seen.clear()
                continue
            if answer.offset is not None and answer.offset in seen | {offset}:
                raise BadAnswerError(
                    "Asana repeats the offset of a list, which would never end", method="GET", path=path
                )
            yield msgspec.structs.replace(answer, anew=restarted and offset is None)
            if answer.offset is None:
                return
            offset = answer.offset
            seen.add(offset)

    def page(
        self, path: str, params: dict[str, str], fields: Sequence[str], offset: str | None = None, limit: str = ""
    ) -> ListPage:
        """One page of a list, of `limit` documents or as many as the connection wishes."""
        query = _asked({**params, "limit": limit or self._limit}, fields)
        if offset:
            query["offset"] = offset
        answer = self._get(path, query, _List)
        following = answer.next_page.offset if answer.next_page else None
        return ListPage(answer.data, following or None)

    def all(self, path: str, params: dict[str, str], fields: Sequence[str]) -> list[msgspec.Raw]:
        """A whole list that is known to be short."""
        found: list[msgspec.Raw] = []
        for page in self.pages(path, params, fields):
            if page.anew:
                found.clear()
            found += page.slices
        return found

    def events(self, resource: str, sync: str | None) -> Events:
        """What happened to a resource since a token. The refusal of a token is an answer too: it brings a fresh one."""
        query = {"resource": resource, **({"sync": sync} if sync else {})}

        def send() -> Answer:
            answer = self._send("GET", "/events", query)
            return msgspec.structs.replace(answer, status=200) if answer.status == PRECONDITION_FAILED else answer

        return self._fetch(send, "GET", "/events", Events)

    def post(self, path: str, data: dict[str, object], fields: Sequence[str]) -> msgspec.Raw:
        """Make something, and its document. It is asked for once, but for when Asana throttles."""
        send = partial(self._send, "POST", path, _asked({}, fields), {"data": data})
        return self._fetch(send, "POST", path, _Single).data

    def delete(self, path: str) -> None:
        """Remove something."""
        self._fetch(partial(self._send, "DELETE", path, {}), "DELETE", path, _Single)

    def now(self) -> datetime:
        """The time by Asana's clock, as far as its last answer told; by ours, some minutes before, where it did not."""
        return datetime.now(UTC) + (self._ahead if self._ahead is not None else -UNSURE)

    def close(self) -> None:
        """Release the sockets, and the threads the client keeps though nobody uses them."""
        self._client.rest_client.pool_manager.clear()
        self._client.pool.close()
        self._client.pool.join()

    def _get(self, path: str, query: dict[str, str], shape: type[T]) -> T:
        return self._fetch(partial(self._send, "GET", path, query), "GET", path, shape)

    def _fetch(self, send: Send, method: str, path: str, shape: type[T]) -> T:
        """The decoded answer. Only an answer that can be read tells Asana's time: others may be a proxy's."""
        dates: list[str] = []

        def heard() -> Answer:
            answer = send()
            dates.append(answer.header("Date"))
            return answer

        found = self._boundary.fetch(heard, method=method, path=path, shape=shape)
        told = _instant(dates[-1])
        if told is not None:
            self._ahead = told - datetime.now(UTC)
        return found

    def _send(self, method: str, path: str, query: dict[str, str], body: dict[str, object] | None = None) -> Answer:
        try:
            response = self._client.call_api(
                path,
                method,
                query_params=dict(query),
                body=body,
                header_params={"Accept": "application/json", "Accept-Encoding": "gzip"},
                auth_settings=["personalAccessToken"],
                _return_http_data_only=True,
                _preload_content=False,
                _request_timeout=self._boundary.timeout,
            )
            return Answer(response.status, dict(response.headers), whole_body(response))
        except ApiException as raised:
            if raised.headers is not None:
                return Answer(raised.status, dict(raised.headers), raised.body or b"")
        # The client disguises TLS failures as answers with status 0.
        raise urllib3.exceptions.SSLError("TLS failed")


def decoded(raw: msgspec.Raw, shape: type[T], path: str) -> T:
    """The slice as `shape`; a slice of another shape is a `BadAnswerError` of the request to `path`."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        what = "Asana's answer is not the data it should be"
        raise BadAnswerError(what, method="GET", path=path) from None


def _instant(date: str) -> datetime | None:
    """The instant of a Date header; None where it is none."""
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _asked(query: dict[str, str], fields: Sequence[str]) -> dict[str, str]:
    """Asana takes a comma list; a Python list would be sent as its repr and ignored."""
    return {**query, "opt_fields": ",".join(fields)} if fields else query
