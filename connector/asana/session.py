"""Requests to Asana: the `asana` client signs and sends them, the boundary guards them, the bytes stay as they came.

The client's own listing functions are not used: they change the options they are given, loop on repeated offsets and
rewrite non-breaking spaces in every answer. One client serves all threads of a connection.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import asana
import msgspec
import urllib3.exceptions
from asana.rest import ApiException

from connector.boundary.answer import Answer, whole_body
from connector.boundary.call import Boundary
from connector.errors import BadAddressError, BadAnswerError, RefusedError, SignInError
from connector.settings import ConnectionSettings, Secret, SignIn

T = TypeVar("T")

API_PATH = "/api/1.0"
MOST_PER_PAGE = 100
CONNECTIONS = 16

_LOGGERS = ("asana", "urllib3")
_CONFIGURING = threading.Lock()


class _NextPage(msgspec.Struct):
    offset: str | None = None


class _List(msgspec.Struct):
    data: list[msgspec.Raw]
    next_page: _NextPage | None = None


class _Single(msgspec.Struct):
    data: msgspec.Raw


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
        self._client = asana.ApiClient(_configuration(settings, secret))

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

    def close(self) -> None:
        """Release the sockets, and the threads the client keeps though nobody uses them."""
        self._client.rest_client.pool_manager.clear()
        self._client.pool.close()
        self._client.pool.join()

    def _get(self, path: str, query: dict[str, str], shape: type[T]) -> T:
        return self._boundary.fetch(lambda: self._send(path, query), method="GET", path=path, shape=shape)

    def _send(self, path: str, query: dict[str, str]) -> Answer:
        try:
            response = self._client.call_api(
                path,
                "GET",
                query_params=dict(query),
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


def _asked(query: dict[str, str], fields: Sequence[str]) -> dict[str, str]:
    """Asana takes a comma list; a Python list would be sent as its repr and ignored."""
    return {**query, "opt_fields": ",".join(fields)} if fields else query


@contextmanager
def _untouched_loggers() -> Iterator[None]:
    """The client's configuration adds handlers to its own and urllib3's loggers and sets their levels; undo that."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(list(logger.handlers), logger.level) for logger in loggers]
    try:
        yield
    finally:
        for logger, (handlers, level) in zip(loggers, before, strict=True):
            logger.handlers[:] = handlers
            logger.setLevel(level)


def _configuration(settings: ConnectionSettings, secret: Secret) -> asana.Configuration:
    token = secret.reveal().strip()
    if settings.sign_in not in (SignIn.PERSONAL_TOKEN, SignIn.OAUTH):
        raise SignInError("Asana takes a personal access token or an OAuth token", remedy="Choose one of these")
    if not token or not all("!" <= sign <= "~" for sign in token):
        raise SignInError("The token is empty or holds blanks or signs no token has", remedy="Enter the token again")
    if settings.ca_bundle and not Path(settings.ca_bundle).exists():
        what = f"The CA bundle {settings.ca_bundle} of this connection is not there"
        raise BadAddressError(what, remedy="Correct its path")
    with _CONFIGURING, _untouched_loggers():
        configuration = asana.Configuration()
    configuration.access_token = token
    configuration.host = host(settings.address)
    configuration.proxy = _web_address(settings.proxy, "The proxy") if settings.proxy else None
    configuration.ssl_ca_cert = settings.ca_bundle or None
    configuration.connection_pool_maxsize = CONNECTIONS
    configuration.retry_strategy = False
    return configuration


def host(address: str) -> str:
    """The address with the API's path; one without any path is the site's. Raises `BadAddressError`."""
    address = _web_address(address, "The address").rstrip("/")
    return address if urlsplit(address).path else f"{address}{API_PATH}"


def _web_address(address: str, what: str) -> str:
    address = address.strip()
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise BadAddressError(f"{what} cannot be used", remedy="Give it as https://host")
    return address
