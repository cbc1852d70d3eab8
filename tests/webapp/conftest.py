"""The application over each kind of database, and a browser-less visitor who can sign in."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import count
from queue import Queue
from typing import Any

import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from portfolio.access.grants import usual
from portfolio.access.roles import Grant, Role
from portfolio.audit.entry import COMMAND, SYSTEM
from portfolio.resources.kept import KEPT
from portfolio.store.engine import writing
from sync.secrets import SecretStore
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.compiled import create_app
from tests.webapp.doors import Make, knocker
from webapp.accounts import passwords
from webapp.accounts.passwords import hashed
from webapp.accounts.users import add_account, find_user
from webapp.serve import serve
from webapp.settings import WebSettings
from webapp.signin import SEEN, SINCE

PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Visitor:
    """A test client that keeps cookies and reads form tokens as a browser would."""

    client: FlaskClient

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def text(self, path: str, status: int = 200) -> str:
        answer = self.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def token(self, path: str = "/sign-in") -> str:
        found = TOKEN.search(self.get(path).text)
        assert found is not None
        return found[1]

    def hidden(self, text: str, name: str) -> str:
        """The value of a hidden field of a page."""
        found = re.search(rf'type="hidden" name="{name}" value="([^"]*)"', text)
        assert found is not None, name
        return found[1]

    def first_button(self, text: str, action: str) -> str:
        """The value of the button that Enter presses in the form of a page that is sent there."""
        found = re.search(rf'method="post" action="{re.escape(action)}[?"].*?<button[^>]* value="([^"]*)"', text, re.S)
        assert found is not None, action
        return found[1]

    def post(self, path: str, token_from: str = "/password", **form: str) -> TestResponse:
        """Send a form as a page of ours would."""
        return self.client.post(path, data=form | {"csrf_token": self.token(token_from)})

    def sign_in(
        self, name: str = "ada", password: str = PASSWORD, place: str = "127.0.0.1", **form: str
    ) -> TestResponse:
        data = {"name": name, "password": password, "csrf_token": self.token()} | form
        return self.client.post("/sign-in", data=data, environ_overrides={"REMOTE_ADDR": place})


@pytest.fixture
def secrets(engine: Engine) -> SecretStore:
    return SecretStore(engine, [Fernet.generate_key().decode()], {})


@pytest.fixture
def app(engine: Engine, clock: Clock, secrets: SecretStore) -> Flask:
    app = create_app(WebSettings(engine=engine, secret_key="only for tests", clock=clock, secrets=secrets))
    app.config["PROPAGATE_EXCEPTIONS"] = False  # people see the error page, so do the tests
    return app


@pytest.fixture
def address(app: Flask) -> str:
    """The application as `sightline serve` serves it; the thread ends with the tests."""
    taken: Queue[str] = Queue()
    threading.Thread(target=serve, args=(app, "127.0.0.1", 0), kwargs={"listening": taken.put}, daemon=True).start()
    return taken.get(timeout=30)


@pytest.fixture(scope="session", autouse=True)
def cheap_hashing() -> Iterator[None]:
    """Hashing as the product does it, but for what it costs: most sign-ins of these tests would only wait for it."""
    dear = passwords._HASHER
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    yield
    passwords._HASHER = dear


@cache
def hash_of_password() -> str:
    return hashed(PASSWORD)


def admit(client: FlaskClient, user_id: int, now: datetime) -> None:
    """Give the client the session that signing in would give it."""
    seconds = int(now.timestamp())
    with client.session_transaction() as session:
        session.update({"_user_id": f"{user_id}.0", "_fresh": True, SINCE: seconds, SEEN: seconds})


@pytest.fixture
def admin(engine: Engine, clock: Clock) -> int:
    with writing(engine) as connection:
        return add_account(connection, "ada", usual(*Role), clock(), COMMAND, password_hash=hash_of_password())


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Nobody yet."""
    return Visitor(app.test_client())


@pytest.fixture
def ada(visitor: Visitor, admin: int, clock: Clock) -> Visitor:
    """Somebody who holds every role, signed in: without the form, whose hashing takes its time on purpose."""
    admit(visitor.client, admin, clock())
    return visitor


@dataclass
class Signed:
    """A visitor with a role, signed in without the form: that costs a second each time."""

    app: Flask
    engine: Engine
    clock: Clock

    def __call__(self, name: str, grants: frozenset[Grant], person_id: int | None) -> Visitor:
        with writing(self.engine) as connection:
            user_id = add_account(connection, name, grants, self.clock(), SYSTEM, person_id=person_id)
            assert find_user(connection, user_id, 0) is not None
        client = self.app.test_client()
        admit(client, user_id, self.clock())
        return Visitor(client)


@pytest.fixture
def signed(app: Flask, engine: Engine, clock: Clock) -> Signed:
    return Signed(app, engine, clock)


@pytest.fixture
def rows(engine: Engine) -> Callable[[], AbstractContextManager[Rows]]:
    """`with rows() as add:` writes rows in one transaction."""

    numbers = count(1)

    @contextmanager
    def open_rows() -> Iterator[Rows]:
        with writing(engine) as connection:
            yield Rows(connection, numbers)
        # What is written here stands in no log, by which plans are known to be old.
        KEPT.pop(engine, None)

    return open_rows


@pytest.fixture
def make(engine: Engine, secrets: SecretStore, clock: Clock) -> Make:
    return lambda tracker="jira", **how: knocker(engine, secrets, tracker, clock(), **how)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
