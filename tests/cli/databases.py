"""The command line over each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Server

VARIABLE = "SIGHTLINE_DATABASE_URL"


def given_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: str) -> Iterator[None]:
    """Have commands use an empty PostgreSQL database, or for "sqlite" the file they use by themselves."""
    if kind == "sqlite":
        yield
        return
    server: Server = request.getfixturevalue("postgres")
    url = server.create()
    monkeypatch.setenv(VARIABLE, url)
    yield
    server.drop(url)


def other_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: str, folder: Path) -> None:
    """From now on, an empty database of the other kind."""
    if kind == "sqlite":
        server: Server = request.getfixturevalue("postgres")
        monkeypatch.setenv(VARIABLE, server.create())
    else:
        monkeypatch.setenv(VARIABLE, f"sqlite:///{folder / 'other.db'}")
