"""The API for programs: `/api/v1/...`, JSON, with a token in each request. A new resource is one module here and one
line in this list.

It asks the same queries as the pages, with the same viewer: what a user does not see there, their token does not get.
"""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

from webapp.api import (
    audit,
    bookings,
    connections,
    explained,
    items,
    kpis,
    load,
    me,
    objectives,
    portfolio,
    projects,
    requests,
    runs,
    scenarios,
)

RESOURCES: tuple[Blueprint, ...] = (
    me.part,
    portfolio.part,
    projects.part,
    items.part,
    kpis.part,
    load.part,
    explained.part,
    scenarios.part,
    bookings.part,
    requests.part,
    objectives.part,
    connections.part,
    runs.part,
    audit.part,
)


def init_app(app: Flask, protect: CSRFProtect) -> None:
    """Open the API. No cookie counts there (`webapp.bearer`), so none of a form's tokens is asked for."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    for part in RESOURCES:
        protect.exempt(part)
        api.register_blueprint(part)
    app.register_blueprint(api)
