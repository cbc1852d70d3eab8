"""The queue's own tables: a PostgreSQL schema of their own, so that they and ours never meet.

The library ships the whole schema and the steps between its versions. Which step the database has come to is kept in
the schema's comment.
"""

from __future__ import annotations

from pathlib import Path

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, Engine, text

from portfolio.store.engine import reading, writing
from portfolio.store.errors import schema_behind

SCHEMA = "procrastinate"
# Any number will do, as long as every copy of the program takes the same one.
_ADVISORY_LOCK = 7_204_211


def upgrade_queue(engine: Engine) -> None:
    """Make the tables, or bring them to what the installed library needs, one process at a time.

    Each step is a transaction of its own: a step may use what only the end of the one before it allows.
    """
    while _advance(engine):
        pass


def _advance(engine: Engine) -> bool:
    """Take the next step. False when there is none left."""
    with writing(engine) as store:
        store.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        found = _found(store)
        ahead = [step for step in _steps() if found is None or step.stem > found]
        if not ahead:
            return False
        store.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        store.exec_driver_sql(f"SET LOCAL search_path TO {SCHEMA}")
        # A new one is made in one go.
        taken = ahead[-1] if found is None else ahead[0]
        _run(store, SchemaManager.get_schema() if found is None else taken.read_text(encoding="utf-8"))
        store.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{taken.stem}'")
    return True


def require_queue(engine: Engine) -> None:
    """Raise `SchemaBehind`, with what to do, unless the tables are those the installed library needs."""
    with reading(engine) as store:
        found, wanted = _found(store), _steps()[-1].stem
    if found != wanted:
        raise schema_behind(found, wanted)


def _found(store: Connection) -> str | None:
    """The last step that was taken; None where there is no such schema."""
    query = text("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :name")
    found: str | None = store.scalar(query, {"name": SCHEMA})
    return found


def _steps() -> list[Path]:
    """The library's steps, the oldest first: their names begin with its version."""
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _run(store: Connection, statements: str) -> None:
    raw = store.connection.driver_connection
    assert raw is not None
    # Without parameters, the driver sends many statements as they are.
    raw.execute(statements)
