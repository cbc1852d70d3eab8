"""Error pages: what happened, and what to do next. Never a trace, a query or a setting."""

from __future__ import annotations

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from portfolio.store.errors import DatabaseLocked, StoreError

SHOWN = frozenset({400, 403, 404, 405, 413, 429, 500})


def _page(kind: str, status: int) -> ResponseReturnValue:
    return render_template("error.html", kind=kind, status=status), status


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()
    return _page(str(status) if status in SHOWN else "other", status)


def _form_expired(_error: CSRFError) -> ResponseReturnValue:
    return _page("form", 400)


def _store(error: StoreError) -> ResponseReturnValue:
    current_app.logger.error("the database could not do its work", exc_info=error)
    if isinstance(error, DatabaseLocked):
        return render_template("error.html", kind="busy", status=503), 503, {"Retry-After": "10"}
    return render_template("error.html", kind="database", status=503, remedy=error.remedy), 503


def init_app(app: Flask) -> None:
    """Answer every error with a page of ours; the log keeps the trace of the unexpected ones."""
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(StoreError, _store)
    app.register_error_handler(HTTPException, _http)
    app.jinja_env.globals["asked_path"] = lambda: request.path
