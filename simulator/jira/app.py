"""The WSGI application of one simulated Jira site: sign-in, the routes of its flavour, Jira's way to say no."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from simulator.jira import agile, catalogues, histories, issues, people, projects, search, webhooks, worklogs
from simulator.jira.service import Service
from simulator.jira.site import Site
from simulator.web import Api, Refusal, answer

TOKEN = "simulated-token"
_ANONYMOUS = "/serverInfo"
_CLOUD_401 = "Client must be authenticated to access this resource."
_DATACENTER_401 = (
    "<html><head><title>Unauthorized (401)</title></head><body><h1>Unauthorized (401)</h1>"
    "<p>Basic Authentication Failure - Reason : AUTHENTICATED_FAILED</p></body></html>"
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def make_app(site: Site, *, clock: Callable[[], datetime] = _utc_now) -> WSGIApplication:
    """An application that serves `site` as its flavour does, below its context path."""
    return _JiraApp(Service(site, clock))


class _JiraApp:
    """Answers one request at a time: the site's lock is held while an answer is made, so edits come in between."""

    def __init__(self, jira: Service) -> None:
        self._jira = jira
        self._api = Api(before=self._before, not_found=self._not_found, prefix=jira.site.context_path)
        for part in (catalogues, people, projects, search, issues, histories, worklogs, agile, webhooks):
            part.register(self._api, jira)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        with self._jira.site.lock:
            response = self._api.respond(request)
        response.headers["Date"] = format_datetime(self._jira.now(), usegmt=True)
        response.headers["X-ARequestId"] = f"{id(request):x}"
        return response(environ, start_response)

    def _before(self, request: Request) -> None:
        path = request.path.removeprefix(self._jira.site.context_path)
        if not self._jira.cloud and path.startswith("/rest/api/3/"):
            target = quote(request.full_path.rstrip("?"), safe="")
            raise Refusal(302, None, {"Location": f"{self._jira.base(request)}/login.jsp?os_destination={target}"})
        given = request.headers.get("Authorization", "")
        if given == "" and path.endswith(_ANONYMOUS):
            return
        if not self._admits(given):
            raise self._unauthorised()

    def _admits(self, given: str) -> bool:
        """Cloud takes e-mail and token, or a bearer token (OAuth); Data Center only a bearer token."""
        scheme, _, value = given.partition(" ")
        if scheme.lower() == "bearer":
            return value == TOKEN
        if scheme.lower() != "basic" or not self._jira.cloud:
            return False
        try:
            account, _, token = base64.b64decode(value).decode().partition(":")
        except ValueError:
            return False
        return "@" in account and token == TOKEN

    def _unauthorised(self) -> Refusal:
        headers = {"WWW-Authenticate": 'OAuth realm="simulated"', "X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
        if self._jira.cloud:
            return Refusal(401, _CLOUD_401, headers)
        return Refusal(401, _DATACENTER_401, headers)

    def _not_found(self, request: Request) -> Response:
        if self._jira.cloud:
            message = f"No endpoint {request.method} {request.path}."
            return answer({"status": 404, "error": "Not Found", "message": message, "path": request.path}, 404)
        return answer({"message": f"null for uri: {request.url}", "status-code": 404}, 404)
