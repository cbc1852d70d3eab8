"""Which names this site answers to. Under any other name there is nothing but an error page."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import BadRequest
from werkzeug.sansio.utils import host_is_trusted

from webapp import here


class UnknownHostError(BadRequest):
    """The request is for a name that is none of ours: a wrong setting, or somebody else's page that leads here."""


def _require_known() -> None:
    known = here.settings().hosts
    if known and not host_is_trusted(request.host.lower(), known):
        raise UnknownHostError


def init_app(app: Flask) -> None:
    """Refuse requests for other names before anything else looks at them, and never send anybody to the name asked for.

    Flask's own list of trusted hosts would leave the error page without addresses of its own.
    """
    # The redirects these two would make name the host of the request.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.before_request(_require_known)
