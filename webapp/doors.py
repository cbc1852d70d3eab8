"""POST /hooks/<door>: where trackers say that something changed. No page: nobody signs in, and no answer has a body.

What a request must show to be let in stands in `sync.hooks.doors`. Here it is taken off the wire, within its limits.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, request
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException

from portfolio.store.errors import StoreError
from sync.errors import SecretError
from sync.hooks.doors import LARGEST, NO_DOOR, knock
from webapp import here

TOO_LARGE, LATER = 413, 503
RETRY_S = "10"

page = Blueprint("doors", __name__)


@page.post("/hooks/<door>")
def door(door: str) -> Response:
    if request.content_length is not None and request.content_length > LARGEST:
        return Response(status=TOO_LARGE)
    request.max_content_length = LARGEST
    # The signature is that of the bytes as they came.
    body = request.get_data(cache=False, parse_form_data=False)
    secrets = here.settings().secrets
    if secrets is None:
        return Response(status=NO_DOOR)
    headers = {name.lower(): value for name, value in request.headers.items()}
    answer = knock(here.engine(), secrets, door, headers, body, here.now())
    return Response(status=answer.status, headers=dict(answer.headers))


@page.errorhandler(HTTPException)
def _http(error: HTTPException) -> Response:
    return Response(status=error.code)


@page.errorhandler(StoreError)
@page.errorhandler(SecretError)
def _later(error: StoreError | SecretError) -> Response:
    # Trackers try again for a while.
    current_app.logger.error("a webhook's notice could not be taken: %s", error)
    return Response(status=LATER, headers={"Retry-After": RETRY_S})


def init_app(app: Flask, protect: CSRFProtect) -> None:
    """Open the doors. No form of ours leads to them, so none of its tokens is asked for."""
    protect.exempt(page)
    app.register_blueprint(page)
