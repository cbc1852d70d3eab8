"""Bring a database to the schema of this program. The steps are Alembic's, kept in `portfolio.migrations`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from portfolio.store.engine import reading
from portfolio.store.errors import schema_behind

# Any number will do, as long as every copy of the program takes the same one.
_ADVISORY_LOCK = 7_204_201


Note = Callable[[Connection, str | None, str | None], None]
"""Writes down, in the transaction of the steps, that they led from one revision to another."""


def upgrade(engine: Engine, revision: str = "head", *, note: Note | None = None) -> None:
    """Apply every missing step in one transaction: all or nothing, and one process at a time."""
    with migrating(engine) as connection:
        before = revision_of(connection)
        step_up(connection, revision)
        after = revision_of(connection)
        if note is not None and after != before:
            note(connection, before, after)


def downgrade(engine: Engine, revision: str) -> None:
    """Take steps back, down to `revision` ("base" empties the database). Data in dropped columns is lost."""
    with migrating(engine) as connection:
        step_down(connection, revision)


def step_up(connection: Connection, revision: str = "head") -> None:
    """`upgrade`, within the transaction of a `migrating`."""
    command.upgrade(_config(connection), revision)


def step_down(connection: Connection, revision: str) -> None:
    """`downgrade`, within the transaction of a `migrating`."""
    command.downgrade(_config(connection), revision)


def require_current(engine: Engine) -> None:
    """Raise `SchemaBehind`, with what to do, unless the schema is the one this program needs."""
    found, wanted = found_revision(engine), head_revision()
    if found != wanted:
        raise schema_behind(found, wanted)


def found_revision(engine: Engine) -> str | None:
    """The revision the database says it has; None for an empty database."""
    with reading(engine) as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """`found_revision`, within a transaction."""
    return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str:
    """The newest revision in the package."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    assert head is not None, "the package holds no migrations"
    return head


def is_known(revision: str) -> bool:
    """Whether the package holds this revision: a newer version's it does not."""
    return revision in {step.revision for step in ScriptDirectory.from_config(_config(None)).walk_revisions()}


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", "portfolio:migrations")
    config.attributes["connection"] = connection
    return config


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """A write transaction for schema changes. Not `writing`: SQLite must be told beforehand to let go of foreign keys,
    because a batch change drops and renames tables that others refer to."""
    with engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        raw = connection.connection.driver_connection
        assert raw is not None
        if sqlite:
            raw.execute("PRAGMA foreign_keys = OFF")
        connection.execution_options(sightline_mode="write")
        try:
            with connection.begin():
                if not sqlite:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
                yield connection
                if sqlite:
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                    if broken is not None:
                        raise RuntimeError(f"a migration broke a reference: {broken}")
        finally:
            if sqlite:
                raw.execute("PRAGMA foreign_keys = ON")
