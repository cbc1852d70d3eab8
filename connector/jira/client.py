"""Requests to one Jira site. The `jira` library signs in and holds sessions and addresses; the boundary does the rest.

Nothing else of the library is used: its pages end too early, its retries are unsafe and its objects are slow.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from jira import JIRA
from jira.exceptions import JIRAError
from requests import ConnectionError as ConnectionLostError

from connector.boundary.answer import Answer
from connector.boundary.call import Boundary
from connector.boundary.connecting import OutboundAdapter
from connector.errors import BadAddressError, ConnectorError, ForbiddenError, RefusedError, SignInError, SkipError
from connector.jira.responses import date_ms, read_whole, reason_of
from connector.settings import ConnectionSettings, Secret, SignIn

T = TypeVar("T")
Params = Mapping[str, str | int | Sequence[str]]

_THROUGH_GATEWAY = (SignIn.GATEWAY_TOKEN, SignIn.OAUTH)
_WRONG_PLACE = "Give the address people use for Jira, with its context path if it has one (https://host/jira)"


class ServerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the site says of itself, as far as we ask."""

    version: str
    deploymentType: str = "Server"  # absent before Jira 7

    @property
    def cloud(self) -> bool:
        return self.deploymentType == "Cloud"

    @property
    def rest_version(self) -> str:
        return "3" if self.cloud else "2"


class JiraClient:
    """One signed-in account on one site. Safe to use from several threads: each has a session of its own."""

    def __init__(self, settings: ConnectionSettings, secret: Secret, boundary: Boundary) -> None:
        self._settings = settings
        self._secret = secret
        self._boundary = boundary
        self._local = threading.local()
        self._lock = threading.Lock()
        self._opened: list[JIRA] = []
        self._server: ServerInfo | None = None
        self._clock: int | None = None

    def __repr__(self) -> str:
        return f"JiraClient({self._settings.address})"

    def server(self) -> ServerInfo:
        """Who answers, asked once. Raises `BadAddressError` when it is no Jira."""
        with self._lock:
            server = self._server
        if server is None:
            server = self._ask_server()
            with self._lock:
                self._server = server
        return server

    def clock(self) -> int | None:
        """The tracker's own time at its latest answer, in epoch milliseconds; None where its answers bear no date.

        What it finds changed from now on bears a time no earlier than this, as long as nobody sets its clock back.
        """
        self.server()
        return self._clock

    def get(self, path: str, shape: type[T], params: Params | None = None, *, agile: bool = False) -> T:
        """GET a path below `/rest/api/<version>/` (or `/rest/agile/1.0/`) and decode the answer as `shape`."""
        root = "rest/agile/1.0" if agile else f"rest/api/{self.server().rest_version}"
        return self._fetch("GET", path, shape, root=root, params=params)

    def search(self, path: str, shape: type[T], body: Mapping[str, Any]) -> T:
        """POST a question that changes nothing, so that it may be asked again."""
        return self._fetch("POST", path, shape, root=f"rest/api/{self.server().rest_version}", body=body)

    def webhooks(self, method: str, ident: str = "", *, body: Mapping[str, Any] | None = None) -> msgspec.Raw:
        """Ask for the site's webhooks, or change them. Only a GET is repeated after an answer that was lost."""
        path = f"webhook/{quote(ident, safe='')}" if ident else "webhook"
        return self._fetch(method, path, msgspec.Raw, root="rest/webhooks/1.0", body=body, reads=method == "GET")

    def close(self) -> None:
        with self._lock:
            opened, self._opened = self._opened, []
        for client in opened:
            client._session.close()
        self._local = threading.local()

    def _ask_server(self) -> ServerInfo:
        if self._settings.sign_in is SignIn.PERSONAL_TOKEN:
            return self._server_info("2")
        try:
            return self._server_info("3")
        except BadAddressError as raised:
            stranger = raised
        # A Data Center that knows no v3 redirects to its sign-in page, and may be meant all the same.
        if stranger.status is not None:
            with suppress(ConnectorError):
                return self._server_info("2")
        raise stranger

    def _server_info(self, version: str) -> ServerInfo:
        """The server's data by one version of the API. An answer of another kind tells that this is no Jira."""
        path = f"/rest/api/{version}/serverInfo"
        try:
            raw = self._fetch("GET", "serverInfo", msgspec.Raw, root=f"rest/api/{version}")
        except ForbiddenError as raised:
            what = "This account, or this network address, may not use Jira"
            remedy = "Ask the site's administrator"
            raise SignInError(what, remedy=remedy, method="GET", path=path, status=raised.status) from None
        except SkipError as raised:
            status = raised.status
        else:
            try:
                return msgspec.json.decode(raw, type=ServerInfo)
            except msgspec.ValidationError:
                status = 200
        what = "No Jira answers at this address"
        raise BadAddressError(what, remedy=_WRONG_PLACE, method="GET", path=path, status=status)

    def _fetch(
        self,
        method: str,
        path: str,
        shape: type[T],
        *,
        root: str,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        reads: bool = True,
    ) -> T:
        """The decoded answer to one request. What Jira says against one it refuses goes with the error."""
        where = f"/{root}/{path}"
        reason = ""

        def send() -> Answer:
            nonlocal reason
            client = self._client()
            url = client.server_url + where
            proxy = self._settings.proxy
            # Given with each request: the session's own setting would lose against the environment.
            proxies = {"http": proxy, "https": proxy} if proxy else None
            data = None if body is None else msgspec.json.encode(body)
            try:
                response = client._session.request(
                    method, url, params=params, data=data, proxies=proxies, allow_redirects=False
                )
            except JIRAError as refused:
                if refused.response is None:
                    raise ConnectionLostError from None
                response = refused.response
            if response.ok:
                self._clock = date_ms(response.headers.get("Date", "")) or self._clock
            elif response.status_code == 400:
                reason = reason_of(response.content)
            # No content is an answer too.
            content = b"null" if response.status_code == 204 else response.content
            return Answer(response.status_code, response.headers, content)

        try:
            return self._boundary.fetch(send, method=method, path=where, shape=shape, reads=reads)
        except RefusedError as raised:
            raised.reason = reason
            raise

    def _client(self) -> JIRA:
        client: JIRA | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = self._open()
            with self._lock:
                self._opened.append(client)
        return client

    def _open(self) -> JIRA:
        settings = self._settings
        token = self._secret.reveal()
        basic = settings.sign_in is SignIn.CLOUD_TOKEN or (
            settings.sign_in is SignIn.GATEWAY_TOKEN and settings.account
        )
        if settings.sign_in is SignIn.CLOUD_TOKEN and not settings.account:
            raise SignInError(
                "A Jira Cloud API token needs the e-mail of its account", remedy="Set the account of this connection"
            )
        if settings.ca_bundle and not Path(settings.ca_bundle).exists():
            what = f"The CA bundle {settings.ca_bundle} of this connection is not there"
            raise BadAddressError(what, remedy="Correct its path")
        # The library changes the options it is given, hence a fresh dict each time.
        client = JIRA(
            options={"server": self._base(), "verify": settings.ca_bundle or True},
            basic_auth=(settings.account, token) if basic else None,
            token_auth=None if basic else token,
            get_server_info=False,
            max_retries=0,
            timeout=self._boundary.timeout,
        )
        for scheme in ("https://", "http://"):
            client._session.mount(scheme, OutboundAdapter(self._boundary.outbound))
        client._session.hooks["response"].append(read_whole)
        return client

    def _base(self) -> str:
        settings = self._settings
        if settings.sign_in not in _THROUGH_GATEWAY:
            return settings.address.rstrip("/")
        if not settings.cloud_id:
            raise SignInError(
                "This way of signing in goes through Atlassian's gateway and needs the site's cloud id",
                remedy="Set the cloud id of this connection; <site>/_edge/tenant_info shows it",
            )
        return f"{settings.gateway.rstrip('/')}/ex/jira/{settings.cloud_id}"
