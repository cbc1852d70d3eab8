"""What the current request stands on: the settings of the application, its database, its clock."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app, request
from sqlalchemy import Connection, Engine

from portfolio.store.engine import reading as _reading
from sync.errors import SecretError
from sync.secrets import SecretStore
from webapp.settings import WebSettings

API = "/api/"


def settings() -> WebSettings:
    """The settings the application was made with."""
    return cast(WebSettings, current_app.extensions["sightline"])


def engine() -> Engine:
    return settings().engine


def reading() -> AbstractContextManager[Connection]:
    """A connection for reading, for the length of a `with`."""
    return _reading(engine())


def secrets() -> SecretStore:
    """What seals secrets. Raises `SecretError` where the process was given none."""
    found = settings().secrets
    if found is None:
        raise SecretError(None, "There is no encryption key.", "Serve the pages with `sightline serve`, which has it.")
    return found


def now() -> datetime:
    """The current instant, in UTC."""
    return settings().clock()


def zone() -> ZoneInfo:
    """The time zone every time of day is shown in, and days begin in."""
    return settings().zone


def partial() -> bool:
    """Whether the request is a script's that asks for the moving part of a page alone."""
    return request.headers.get("HX-Request") == "true"


def api() -> bool:
    """Whether the request is a program's, for the API: it shows a token, and is answered in JSON."""
    return request.path.startswith(API)


def today() -> date:
    return now().astimezone(zone()).date()
