"""Errors of the API: `application/problem+json` (RFC 9457) with what happened and what to do. The words stand in
`templates/problems.html`."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from flask import Response, request
from flask.helpers import get_template_attribute
from werkzeug.exceptions import BadRequest

from webapp import bearer
from webapp.access import ROUTES, Needs

WAIT_S = "60"


class Unreadable(BadRequest):
    """A parameter or body that is not as it should be. `said` names it, in the words of whoever read it."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class _Problem(msgspec.Struct, frozen=True):
    title: str
    status: int
    detail: str


def problem(kind: str, status: int, said: str = "") -> Response:
    """The answer for an error of that kind. Nothing of the request's address is repeated in it."""
    detail = get_template_attribute("problems.html", "detail")(kind, said, _needed()).striptags()
    body = msgspec.json.encode(_Problem(HTTPStatus(status).phrase, status, detail))
    answer = Response(body, status=status, mimetype="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        fault = ', error="invalid_token"' if bearer.presented() else ""
        answer.headers["WWW-Authenticate"] = f'Bearer realm="Sightline"{fault}'
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        answer.headers["Retry-After"] = WAIT_S
    return answer


def _needed() -> str:
    """The permits of which the route asks for one, for who has none of them."""
    needs = ROUTES.get(request.endpoint or "")
    return ", ".join(f"{needs.capability}.{right}" for right in needs.rights) if isinstance(needs, Needs) else ""
