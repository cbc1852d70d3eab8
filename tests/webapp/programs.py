"""A program that reaches the API with a token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from portfolio.access.grants import usual
from portfolio.access.roles import Grant, Role
from portfolio.access.viewer import Permit
from portfolio.audit.entry import COMMAND
from portfolio.store.engine import writing
from webapp.accounts.tokens import Wish, make_token
from webapp.accounts.users import SERVICE, add_account

PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Program:
    """Asks with its token, from one network."""

    app: Flask
    token: str
    user_id: int
    place: str = "127.0.0.1"

    @property
    def token_id(self) -> int:
        return int(self.token.split("_")[1])

    def ask(self, path: str, method: str = "GET", **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return self.app.test_client().open(
            f"/api/v1{path}", method=method, headers=headers, environ_overrides={"REMOTE_ADDR": self.place}, **options
        )

    def read(self, path: str) -> Any:
        answer = self.ask(path)
        assert answer.status_code == 200, answer.text
        assert answer.mimetype == "application/json"
        return answer.json

    def refused(self, path: str, status: int, method: str = "GET", **options: Any) -> Any:
        """The problem, which is one in every respect."""
        answer = self.ask(path, method, **options)
        assert answer.status_code == status, answer.text
        assert answer.mimetype == PROBLEM
        assert answer.json is not None
        assert set(answer.json) == {"title", "status", "detail"}
        assert answer.json["status"] == status
        assert answer.json["detail"].endswith(".")
        return answer.json


def program(
    app: Flask, engine: Engine, now: datetime, *permits: str, grants: frozenset[Grant] | None = None, days: int = 90
) -> Program:
    """A service account of that many permits, named after its grants, with every role unless told otherwise."""
    held = usual(*Role) if grants is None else grants
    name = f"robot {len(permits)} {sorted(map(str, held))}"[:200]
    with writing(engine) as connection:
        user_id = add_account(connection, name, held, now, COMMAND, known=SERVICE)
    wish = Wish("nightly", days, frozenset(map(Permit.read, permits)))
    return Program(app, make_token(engine, user_id, wish, now, COMMAND), user_id)
