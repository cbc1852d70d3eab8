"""How many requests for people wait for whoever asks, for the line of pages of resources."""

from __future__ import annotations

from flask import Flask

from webapp import here, signin
from webapp.queries.requests import count_waiting


def init_app(app: Flask) -> None:
    """Let templates ask."""

    def waiting() -> int:
        with here.reading() as connection:
            return count_waiting(connection, signin.viewer())

    app.jinja_env.globals["requests_waiting"] = waiting
