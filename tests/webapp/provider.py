"""A real OpenID provider for the tests: Canaille, speaking HTTP on a port of this machine from a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Response, request
from pytest_iam import JWKRegistry, Server, create_app

CLIENT, CLIENT_SECRET = "sightline", "the secret of the client"
PASSWORD = "a sentence only they know"


def _configuration(port: int, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    known = JWKRegistry.import_key(text, "RSA")
    known.ensure_kid()
    return {
        "TESTING": True,
        "ENV_FILE": None,
        "SECRET_KEY": "only for tests",
        "WTF_CSRF_ENABLED": False,
        "PREFERRED_URL_SCHEME": "http",
        "SERVER_NAME": f"localhost:{port}",
        "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False, "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}}},
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [known.as_dict(private=True)], "TRUSTED_DOMAINS": []},
    }


def _exactly(find: Any) -> Any:
    """Finds what fits every condition. The original finds what fits any, such as the code of another attempt."""

    def do_query(model: Any, *args: Any, **conditions: Any) -> Any:
        fitting = [{it.id for it in find(model, **{name: value})} for name, value in conditions.items()]
        return [it for it in find(model, *args, **conditions) if all(it.id in ids for ids in fitting)]

    return do_query


@dataclass
class Directory:
    """The provider, with people and groups in it, and the key it signs with.

    `changed`: what is done with its answers at some paths.
    """

    server: Server
    key: rsa.RSAPrivateKey
    changed: dict[str, Any] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return self.server.url.rstrip("/")

    def register(self, site: str, *, method: str = "client_secret_basic") -> None:
        """Make Sightline, at the address `site`, known to the provider."""
        with self.server.app.app_context():
            for known in self.server.backend.query(self.server.models.Client):
                self.server.backend.delete(known)
            client = self.server.models.Client(
                client_id=CLIENT,
                client_name="Sightline",
                client_secret=CLIENT_SECRET,
                client_uri=site,
                redirect_uris=[f"{site}/sign-in/oidc/return"],
                post_logout_redirect_uris=[f"{site}/sign-in"],
                grant_types=["authorization_code"],
                response_types=["code"],
                scope=["openid", "profile", "email", "groups"],
                token_endpoint_auth_method=method,
            )
            self.server.backend.save(client)
            client.audience = [client]
            self.server.backend.save(client)

    def person(self, name: str, *groups: str) -> None:
        """Somebody in exactly these groups."""
        with self.server.app.app_context():
            backend, models = self.server.backend, self.server.models
            user = backend.get(models.User, user_name=name) or models.User(
                user_name=name,
                display_name=name,
                given_name=name,
                family_name="Ambermoor",
                emails=[f"{name}@example.invalid"],
                password=PASSWORD,
            )
            backend.save(user)
            for group in backend.query(models.Group):
                group.members = [member for member in group.members if member.user_name != name]
                backend.save(group) if group.members else backend.delete(group)
            for named in groups:
                group = backend.get(models.Group, display_name=named) or models.Group(display_name=named, members=[])
                group.members = [*group.members, user]
                backend.save(group)

    def verify_addresses(self, verified: str) -> None:
        """Say of every e-mail address whether it is verified."""
        self.server.app.config["CANAILLE_OIDC"]["USERINFO_MAPPING"]["EMAIL_VERIFIED"] = verified

    def answer(self, address: str, name: str, consent: str = "accept") -> str:
        """Go to the address as that person's browser would, sign in, consent; the address one is sent back to."""
        filled = {"/login": {"login": name}, "/auth/password": {"password": PASSWORD}}
        with requests.Session() as browser:
            page = browser.get(address, allow_redirects=False, timeout=30)
            while True:
                while page.is_redirect:
                    led = urljoin(page.url, page.headers["Location"])
                    if not led.startswith(self.issuer):
                        return led
                    page = browser.get(led, allow_redirects=False, timeout=30)
                assert page.status_code == 200, page.text
                typed = filled.get(urlsplit(page.url).path, {"answer": consent})
                page = browser.post(page.url, typed, allow_redirects=False, timeout=30)


def arguments_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def running() -> Iterator[Directory]:
    """The provider, until the tests end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    key = rsa.generate_private_key(65537, 2048)
    app = create_app(config=_configuration(port, key))
    app.backend.do_query = _exactly(app.backend.do_query)
    server = Server(app, port, app.backend)
    directory = Directory(server, key)

    @app.after_request
    def changed(answer: Response) -> Response:
        change = directory.changed.get(request.path)
        return change(answer) if change else answer

    thread = threading.Thread(target=server.httpd.serve_forever, daemon=True)
    thread.start()
    yield directory
    server.httpd.shutdown()
    thread.join()


@contextmanager
def altered(directory: Directory, path: str, change: Any) -> Iterator[None]:
    """While inside, the provider's answers at the path are changed."""
    directory.changed[path] = change
    try:
        yield
    finally:
        del directory.changed[path]


@pytest.fixture(scope="session")
def provider_server() -> Iterator[Directory]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # the provider speaks http
        yield from running()
