"""Error pages, and the same for programs: what happened, and what to do next. Never a trace, a query or a setting."""

from __future__ import annotations

from flask import Flask, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from portfolio.store.errors import DatabaseLocked, StoreError
from sync.errors import SecretError
from webapp import here, signin
from webapp.hosts import UnknownHostError
from webapp.problems import Unreadable, problem

SHOWN = frozenset({400, 403, 404, 405, 413, 429, 500})
RETRY_S = "10"


def _page(kind: str, status: int, **values: str) -> tuple[str, int]:
    """The page of an error. When the database cannot even say who is signed in, it is a page for nobody."""
    try:
        signin.current()
    except (StoreError, SQLAlchemyError) as error:
        current_app.logger.error("the database could not say who is signed in", exc_info=error)
        signin.give_up()
    return render_template("error.html", kind=kind, status=status, **values), status


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()
    if here.api():
        return _http_problem(error, status)
    if isinstance(error, UnknownHostError):
        return _page("host", status)
    return _page(str(status) if status in SHOWN else "other", status)


def _http_problem(error: HTTPException, status: int) -> Response:
    kind = "host" if isinstance(error, UnknownHostError) else str(status)
    answer = problem(kind, status, error.said if isinstance(error, Unreadable) else "")
    if isinstance(error, MethodNotAllowed):
        answer.allow.update(error.valid_methods or ())
    return answer


def _form_expired(_error: CSRFError) -> ResponseReturnValue:
    return _page("form", 400)


def _store(error: StoreError) -> ResponseReturnValue:
    current_app.logger.error("the database could not do its work", exc_info=error)
    if isinstance(error, DatabaseLocked):
        busy = problem("busy", 503) if here.api() else make_response(_page("busy", 503))
        busy.headers["Retry-After"] = RETRY_S
        return busy
    if here.api():
        return problem("database", 503, error.remedy)
    return _page("database", 503, remedy=error.remedy)


def _secret(error: SecretError) -> ResponseReturnValue:
    current_app.logger.error("a secret could not be used", exc_info=error)
    return _page("keys", 503, remedy=error.remedy)


def init_app(app: Flask) -> None:
    """Answer every error with a page of ours; the log keeps the trace of the unexpected ones."""
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(StoreError, _store)
    app.register_error_handler(SecretError, _secret)
    app.register_error_handler(HTTPException, _http)
    app.jinja_env.globals["asked_path"] = lambda: request.path
    app.jinja_env.globals["asked_again"] = signin.this_page
