"""The small web framework of the simulated trackers: rules, handlers, JSON out, refusals as trackers word them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import msgspec
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

Handler = Callable[..., Any]


class Refusal(Exception):
    """The tracker's answer to a request it does not serve. `body` is a JSON document, or text sent as it is."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status}")
        self.status = status
        self.body = body
        self.headers = headers or {}


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON response; a `str` body goes out as HTML, None as an empty body."""
    if body is None:
        return Response(b"", status=status, headers=headers)
    if isinstance(body, str):
        return Response(body, status=status, headers=headers, content_type="text/html;charset=UTF-8")
    return Response(
        msgspec.json.encode(body), status=status, headers=headers, content_type="application/json;charset=UTF-8"
    )


class Api:
    """A WSGI application of rules. `before` runs first for each request and may raise `Refusal` (sign-in).

    A handler gets the request and the rule's values, and returns a JSON-able body or a `Response`.
    """

    def __init__(
        self,
        *,
        before: Callable[[Request], None],
        not_found: Callable[[Request], Response],
        prefix: str = "",
    ) -> None:
        self._map = Map(strict_slashes=False)
        self._handlers: dict[str, Handler] = {}
        self._before = before
        self._not_found = not_found
        self._prefix = prefix

    def route(self, methods: str, *rules: str) -> Callable[[Handler], Handler]:
        """Register a handler for `methods` ("GET POST") on each rule, below the prefix."""

        def register(handler: Handler) -> Handler:
            endpoint = f"{methods}:{rules[0]}"
            self._handlers[endpoint] = handler
            for rule in rules:
                self._map.add(Rule(self._prefix + rule, endpoint=endpoint, methods=methods.split()))
            return handler

        return register

    def respond(self, request: Request) -> Response:
        try:
            self._before(request)
            endpoint, values = self._map.bind_to_environ(request.environ).match()
            result = self._handlers[endpoint](request, **values)
        except Refusal as refusal:
            return answer(refusal.body, refusal.status, refusal.headers)
        except HTTPException:
            return self._not_found(request)
        return result if isinstance(result, Response) else answer(result)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.respond(Request(environ))(environ, start_response)
