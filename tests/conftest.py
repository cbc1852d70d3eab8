"""Fixtures every test may ask for: a migrated database on each kind of server, a clock, the recorded payloads."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from portfolio.store.engine import open_engine
from portfolio.store.migrate import upgrade
from sync.memory import freeze_loaded
from tests.once import Once
from tests.postgres import Server, running_server

# How long an example takes says how busy the machine is.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

REPOSITORY = Path(__file__).resolve().parents[1]


# Every test has an engine of its own, and would compile the same statements again. They are kept by the dialect they
# were compiled for: all of a kind compile alike here, with one server and one driver for all tests.
COMPILED: LRUCache[Any, Any] = LRUCache(3000)
for _dialect in (PGDialect_psycopg, SQLiteDialect_pysqlite):
    _dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    _dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]


@event.listens_for(Engine, "engine_connect")
def _share_compiled(connection: Connection) -> None:
    connection.execution_options(compiled_cache=COMPILED)


class Clock:
    """A clock that stands still until it is told to move. Call it for the time."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        """Move on, by the keywords of `timedelta`."""
        self.now += timedelta(**amount)


def pytest_collection_finish() -> None:
    """What imports and collecting have made stays to the end: the collector need not look through it in every test."""
    freeze_loaded()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture
def clock() -> Clock:
    """Monday 2026-03-02, 09:00 UTC."""
    return Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The PostgreSQL server of this session. Fails, and never skips, when there is none."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: Server) -> Iterator[str]:
    """A migrated, empty database that tests copy."""
    url = postgres.create()
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty file that tests copy."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database of the test's own, on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "sightline.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        server: Server = request.getfixturevalue("postgres")
        url = server.create(request.getfixturevalue("postgres_template"))
        yield url
        server.drop(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated, empty database, on SQLite and on PostgreSQL."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Once]:
    """Fills databases for the tests of a module that want the same in them."""
    made = Once(tmp_path_factory.mktemp("once"), lambda: request.getfixturevalue("postgres"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of recorded payloads: $SIGHTLINE_REALDATA, else `shared/realdata` beside the repository."""
    given = os.environ.get("SIGHTLINE_REALDATA")
    folder = Path(given) if given else REPOSITORY.parent / "shared" / "realdata"
    if not folder.is_dir():
        pytest.skip(f"recorded payloads (realdata) are not here: no folder {folder}; set SIGHTLINE_REALDATA")
    return folder
