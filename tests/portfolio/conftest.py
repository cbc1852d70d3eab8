"""Fixtures of the portfolio's tests: worked examples kept outside the repository, and a world to build in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from portfolio.store.engine import writing
from tests.portfolio.builders import World

Oracle = Callable[[str], dict[str, Any]]


@pytest.fixture
def oracle(realdata: Path) -> Oracle:
    """Reads a worked example by name from the folder `oracles` beside the recorded payloads; skips when not there."""

    def read(name: str) -> dict[str, Any]:
        path = realdata.parent / "oracles" / f"{name}.json"
        if not path.is_file():
            pytest.skip(f"the worked example is not here: no file {path.name} in {path.parent}")
        loaded: dict[str, Any] = json.loads(path.read_text())
        return loaded

    return read


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    """A world in an open write transaction, on both databases."""
    with writing(engine) as connection:
        yield World(connection)
