"""/healthz and /readyz, which say so little that they may be public.

healthz: 200 when the process lives and the database answers. readyz: 200 when it can do its work: the schema is the one
of this program and the encryption keys can be read. Else 503, with the reasons in a word each.
"""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from portfolio.store.errors import SchemaBehind, StoreError
from portfolio.store.migrate import require_current
from webapp import here

page = Blueprint("health", __name__)


@page.get("/healthz")
def healthz() -> ResponseReturnValue:
    try:
        with here.reading() as connection:
            connection.execute(text("SELECT 1"))
    except StoreError:
        return {"status": "no database"}, 503
    return {"status": "ok"}


@page.get("/readyz")
def readyz() -> ResponseReturnValue:
    settings, amiss = here.settings(), []
    try:
        require_current(settings.engine)
    except SchemaBehind:
        amiss.append("schema")
    except StoreError:
        amiss.append("database")
    if not settings.keys_readable():
        amiss.append("keys")
    if amiss:
        return {"status": "not ready", "reasons": amiss}, 503
    return {"status": "ready"}
