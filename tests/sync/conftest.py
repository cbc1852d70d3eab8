"""Connections to fake trackers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from connector.protocol import Stream
from tests.sync.builders import Tracker, project


@pytest.fixture
def tracker(engine: Engine) -> Tracker:
    """A tracker with one project."""
    return Tracker(engine).put(Stream.PROJECTS, project())


@pytest.fixture
def trackers(engine: Engine) -> Callable[[str], Tracker]:
    """Makes further trackers in the same database."""
    return lambda name: Tracker(engine, name)
