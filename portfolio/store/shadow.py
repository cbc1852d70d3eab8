"""A shadow of the database: one connection that may change what it likes, and nobody else ever sees it.

Temporary tables stand before the real ones of the same name, on SQLite and by PostgreSQL's search path, so that the
same statements read and write them. They hold what the real ones did at one moment, and are gone with the connection,
however it ends. The database itself refuses any write to a real table: an authorizer on SQLite, a read-only transaction
on PostgreSQL, in which temporary tables may still be written. Nobody waits for a shadow, and it waits for nobody.

It has the real tables' columns, keys and indexes; no foreign keys, which temporary tables cannot have to real ones.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Identity,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    func,
    inspect,
    select,
    text,
)

from portfolio.store.engine import MODE, SHADOW
from portfolio.store.statistics import refresh_statistics

_WRITES = (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE)
_CACHE_KB = 64_000


class Shadow:
    """The connection in one transaction that is never committed, and the way back to the real tables."""

    def __init__(self, store: Connection) -> None:
        self.store = store
        self._schema = "main" if store.dialect.name == "sqlite" else store.dialect.default_schema_name or "public"
        self._real: dict[str, Table] = {}

    def real(self, table: Table) -> Table:
        """The table as everybody else sees it, to be read only."""
        if table.name not in self._real:
            self._real[table.name] = table.to_metadata(MetaData(), schema=self._schema)
        return self._real[table.name]

    def interrupt(self) -> None:
        """Break off the statement that is under way, from another thread; it raises the driver's error."""
        driver: Any = self.store.connection.dbapi_connection
        driver.interrupt() if self.store.dialect.name == "sqlite" else driver.cancel()

    def copy(self, table: Table) -> None:
        """Shadow a table with all its rows."""
        ours = self._make(table)
        quoted = self.store.dialect.identifier_preparer.format_table
        # Columns in the same order and with the same indexes: SQLite then copies whole rows and never looks inside.
        everything = f"INSERT INTO {quoted(ours)} SELECT * FROM {quoted(self.real(table))}"  # noqa: S608
        self.store.exec_driver_sql(everything)
        refresh_statistics(self.store, [ours])

    def empty(self, table: Table) -> None:
        """Shadow a table with one that has no rows yet: for what is written and never read."""
        self._make(table)

    def see_through(self, table: Table) -> None:
        """Shadow a table too large to copy with a view of it, from which rows can be deleted and no more."""
        name, real, run = table.name, self.real(table), self.store.exec_driver_sql
        gone = Table(f"{name}_gone", MetaData(), Column("id", BigInteger, primary_key=True), prefixes=["TEMPORARY"])
        gone.create(self.store, checkfirst=False)
        kept = select(real).where(real.c.id.not_in(select(gone.c.id)))
        run(f"CREATE TEMPORARY VIEW {name} AS {kept.compile(dialect=self.store.dialect)}")
        note = f"INSERT INTO {gone.name} VALUES (OLD.id)"  # noqa: S608
        if self.store.dialect.name == "sqlite":
            run(f"CREATE TEMPORARY TRIGGER {name}_goes INSTEAD OF DELETE ON {name} BEGIN {note}; END")
        else:
            run(f"CREATE RULE {name}_goes AS ON DELETE TO pg_temp.{name} DO INSTEAD {note}")

    def close_doors(self) -> None:
        """From here on the database refuses whatever would change a real table. No more tables can be shadowed."""
        driver: Any = self.store.connection.dbapi_connection
        if self.store.dialect.name == "sqlite":
            driver.set_authorizer(_only_shadows)
        else:
            self.store.exec_driver_sql("SET TRANSACTION READ ONLY")

    def _make(self, table: Table) -> Table:
        real = self.real(table)
        look = inspect(self.store)
        keys = look.get_pk_constraint(table.name)["constrained_columns"]
        next_id = self.store.scalar(select(func.coalesce(func.max(real.c.id), 0) + 1)) if keys == ["id"] else 1
        ours = Table(table.name, MetaData(), prefixes=["TEMPORARY"])
        for told in look.get_columns(table.name):
            numbered = [Identity(start=next_id)] if keys == ["id"] == [told["name"]] else []
            default = None if numbered or told["default"] is None else text(told["default"])
            column = Column(told["name"], told["type"], *numbered, nullable=told["nullable"], server_default=default)
            column.primary_key = told["name"] in keys
            ours.append_column(column)
        for unique in look.get_unique_constraints(table.name):
            ours.append_constraint(UniqueConstraint(*(ours.c[name] for name in unique["column_names"])))
        for index in look.get_indexes(table.name):
            if not index.get("duplicates_constraint"):
                Index(index["name"], *(ours.c[name] for name in index["column_names"] if name), unique=index["unique"])
        ours.create(self.store, checkfirst=False)
        return ours


@contextmanager
def shadow(engine: Engine) -> Iterator[Shadow]:
    """A shadow with no tables yet, seen from one moment of the database. Leaves nothing behind."""
    with engine.connect() as connection:
        options: dict[str, Any] = {MODE: SHADOW}
        if engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        store = connection.execution_options(**options)
        transaction = store.begin()
        try:
            if engine.dialect.name == "sqlite":
                store.exec_driver_sql(f"PRAGMA temp.cache_size = -{_CACHE_KB}")
            yield Shadow(store)
            transaction.rollback()
        finally:
            # Closed for good, and with it all that is temporary.
            connection.invalidate()


def _only_shadows(action: int, _table: str | None, _column: str | None, where: str | None, _by: str | None) -> int:
    return sqlite3.SQLITE_DENY if action in _WRITES and where == "main" else sqlite3.SQLITE_OK
