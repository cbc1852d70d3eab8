"""/healthz: 200 when the database answers, 503 when it does not. Says nothing else, so that it may be public."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from portfolio.store.errors import StoreError
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
