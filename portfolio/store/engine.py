"""Open the database, and the two ways to use it: `reading` and `writing` (`hurried` where it may fail).

A third way, which changes nothing for others, is `portfolio.store.shadow`.

SQLite (one file, the default) and PostgreSQL are equals. On SQLite one writer works at a time: `writing` takes its
place in the queue with BEGIN IMMEDIATE, so two writers wait for each other instead of failing half-way; readers never
wait (WAL). What a reader sees is one moment of the database on both.

This module does not create tables (see `portfolio.store.migrate`) and keeps no global engine.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError

from portfolio.store.errors import CannotOpen, connection_lost, explain

BUSY_TIMEOUT_MS = 30_000
HURRY_MS = 500
MODE = "sightline_mode"
SHADOW = "shadow"


def open_engine(url: str) -> Engine:
    """An engine for a database address: `sqlite:///file.db` or `postgresql://user@host/name`.

    Nothing is opened yet; the first use raises `CannotOpen` when the database cannot be reached. Raises `CannotOpen`
    at once for an address that is no database address.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise CannotOpen("the database address cannot be read", "Write it like sqlite:///sightline.db.") from error
    backend = parsed.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        engine = create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    elif backend == "sqlite":
        engine = create_engine(parsed)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        raise CannotOpen(
            f"databases of kind {backend!r} are not supported", "Use sqlite:///file.db or postgresql://user@host/name."
        )
    event.listen(engine, "handle_error", _explain_error)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction: committed when the block ends well, rolled back when it raises."""
    with engine.connect() as connection:
        connection.execution_options(**{MODE: "write"})
        with connection.begin():
            yield connection


@contextmanager
def hurried(engine: Engine) -> Iterator[Connection]:
    """`writing`, but waiting only a moment for others: for what may as well be written later.

    Raises `DatabaseLocked` when somebody else writes for longer than `HURRY_MS`.
    """
    with engine.connect() as connection:
        connection.execution_options(**{MODE: "write"})
        driver = connection.connection.driver_connection if engine.dialect.name == "sqlite" else None
        if driver is not None:
            driver.execute(f"PRAGMA busy_timeout = {HURRY_MS}")
        try:
            with connection.begin():
                if driver is None:
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {HURRY_MS}")
                yield connection
        finally:
            if driver is not None:
                driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database. A write through it is an error."""
    with engine.connect() as connection:
        options: dict[str, Any] = {MODE: "read"}
        if engine.dialect.name == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        connection.execution_options(**options)
        with connection.begin():
            yield connection


def is_shadow(connection: Connection) -> bool:
    """Whether what this connection writes is seen by nobody else (see `portfolio.store.shadow`)."""
    return connection.get_execution_options().get(MODE) == SHADOW


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own BEGIN comes too late and knows no IMMEDIATE; `_begin_sqlite` says it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get(MODE)
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if mode == 'read' else 'OFF'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if mode == "write" else "BEGIN")


def _explain_error(context: ExceptionContext) -> None:
    if context.is_pre_ping:
        return  # The pool found a connection dead and makes a new one: nothing has gone wrong yet.
    if not isinstance(context.original_exception, Exception):
        # Somebody pressed Ctrl-C, which is no fault of the database. The toolkit drops the connection as it is, because
        # a server may be half-way through an answer. SQLite has no server: dropped, it would keep its locks for as long
        # as it is not collected. It is sound, and is rolled back like any other.
        if context.dialect.name == "sqlite":
            context.is_disconnect = False
        return
    explained = explain(context.dialect.name, context.original_exception, connecting=context.connection is None)
    if explained is None and context.is_disconnect:
        explained = connection_lost()
    if explained is not None:
        raise explained from context.original_exception
