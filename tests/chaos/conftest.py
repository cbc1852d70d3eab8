"""Databases that are made in no time, in memory where there is room for them."""

from __future__ import annotations

import itertools
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Engine

from portfolio.store.engine import open_engine

_QUIET = structlog.make_filtering_bound_logger(logging.CRITICAL)


@pytest.fixture(autouse=True)
def no_logs() -> Iterator[None]:
    """Thousands of runs would fill the report of one that fails."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=_QUIET)
    yield
    structlog.configure(**before)


Fresh = Callable[[], AbstractContextManager[Engine]]


@pytest.fixture(scope="session")
def fresh_sqlite(sqlite_template: Path) -> Iterator[Fresh]:
    """Makes engines on migrated, empty files, each gone when it is done with."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="chaos-", dir=memory if memory.is_dir() else None) as folder:
        numbers = itertools.count()

        @contextmanager
        def fresh() -> Iterator[Engine]:
            own = Path(folder) / str(next(numbers))
            own.mkdir()
            shutil.copyfile(sqlite_template, own / "chaos.db")
            engine = open_engine(f"sqlite:///{own / 'chaos.db'}")
            yield engine
            engine.dispose()
            shutil.rmtree(own)

        yield fresh
