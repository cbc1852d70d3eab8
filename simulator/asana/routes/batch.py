"""Several requests in one: at most ten, each answered for itself inside a 200."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from simulator.asana.paging import PREFIX
from simulator.asana.refusals import bad_request
from simulator.asana.service import Routes, Service

MAX_ACTIONS = 10


routes = Routes()


@routes.post("/batch")
def batch(service: Service, request: Request) -> Any:
    try:
        actions = msgspec.json.decode(request.get_data())["data"]["actions"]
    except (msgspec.DecodeError, KeyError, TypeError):
        raise bad_request("actions: Missing input") from None
    if not isinstance(actions, list) or not 0 < len(actions) <= MAX_ACTIONS:
        raise bad_request(f"actions: Must be a list of 1 to {MAX_ACTIONS} actions")
    return {"data": [_answer_to(service, action, request.headers.get("Authorization", "")) for action in actions]}


def _answer_to(service: Service, action: dict[str, Any], authorization: str) -> dict[str, Any]:
    path = str(action.get("relative_path", ""))
    if not path.startswith("/"):
        raise bad_request("relative_path: Must start with a slash")
    options = action.get("options") or {}
    query = {key: str(value) for key, value in (action.get("data") or {}).items()}
    query |= {key: str(options[key]) for key in ("limit", "offset") if key in options}
    if options.get("fields"):
        query["opt_fields"] = ",".join(options["fields"])
    path, _, inline = path.partition("?")
    builder = EnvironBuilder(
        path=PREFIX + path,
        method=str(action.get("method", "get")).upper(),
        headers=[("Authorization", authorization)],
    )
    builder.query_string = "&".join(part for part in (inline, urlencode(query)) if part)
    response = service.api.respond(Request(builder.get_environ()))
    return {"status_code": response.status_code, "headers": {}, "body": msgspec.json.decode(response.get_data())}
