"""A shadow of the database: one connection that may change what it likes, and nobody else ever sees it.

Temporary tables stand before the real ones of the same name, on SQLite and by PostgreSQL's search path, so that the
same statements read and write them. They hold what the real ones did at one moment, and are gone with the connection,
however it ends. The database itself refuses any write to a real table: an authorizer on SQLite, a read-only transaction
on PostgreSQL, in which temporary tables may still be written. Nobody waits for a shadow, and it waits for nobody.

It has the real tables' columns, keys and indexes; no foreign keys, which temporary tables cannot have to real ones.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
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

    def copy(self, *tables: Table) -> None:
        """Shadow tables with all their rows."""
        quoted = self.store.dialect.identifier_preparer.format_table
        made = self._make(tables)
        for table, ours in zip(tables, made, strict=True):
            # Columns in the same order, the same indexes: SQLite then copies whole rows and never looks inside.
            everything = f"INSERT INTO {quoted(ours)} SELECT * FROM {quoted(self.real(table))}"  # noqa: S608  # nosec B608
            self.store.exec_driver_sql(everything)
        refresh_statistics(self.store, made)

    def empty(self, *tables: Table) -> None:
        """Shadow tables with ones that have no rows yet: for what is written and never read."""
        self._make(tables)

    def add(self, table: Table) -> None:
        """Make a temporary table that has no real one."""
        table.create(self.store, checkfirst=False)

    def see_through(self, table: Table) -> None:
        """Shadow a table too large to copy with a view of it, from which rows can be deleted and no more."""
        name, real, run = table.name, self.real(table), self.store.exec_driver_sql
        gone = Table(f"{name}_gone", MetaData(), Column("id", BigInteger, primary_key=True), prefixes=["TEMPORARY"])
        gone.create(self.store, checkfirst=False)
        kept = select(real).where(real.c.id.not_in(select(gone.c.id)))
        run(f"CREATE TEMPORARY VIEW {name} AS {kept.compile(dialect=self.store.dialect)}")
        note = f"INSERT INTO {gone.name} VALUES (OLD.id)"  # noqa: S608  # nosec B608
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

    def _make(self, tables: Sequence[Table]) -> list[Table]:
        """Make temporary tables like these, as they are in this database: it may have come to be in many steps."""
        look, names = inspect(self.store), [table.name for table in tables]
        columns, keys = look.get_multi_columns(filter_names=names), look.get_multi_pk_constraint(filter_names=names)
        uniques, indexes = (
            look.get_multi_unique_constraints(filter_names=names),
            look.get_multi_indexes(filter_names=names),
        )
        made = []
        for table in tables:
            place = (None, table.name)
            key = keys[place]["constrained_columns"]
            ours = Table(table.name, MetaData(), prefixes=["TEMPORARY"])
            for told in columns[place]:
                numbered = [Identity(start=self._next_id(table))] if key == ["id"] == [told["name"]] else []
                default = None if numbered or told["default"] is None else text(told["default"])
                column = Column(
                    told["name"], told["type"], *numbered, nullable=told["nullable"], server_default=default
                )
                column.primary_key = told["name"] in key
                ours.append_column(column)
            for unique in uniques.get(place, ()):
                ours.append_constraint(UniqueConstraint(*(ours.c[name] for name in unique["column_names"])))
            for index in indexes.get(place, ()):
                if not index.get("duplicates_constraint"):
                    on = (ours.c[name] for name in index["column_names"] if name)
                    Index(index["name"], *on, unique=index["unique"])
            ours.create(self.store, checkfirst=False)
            made.append(ours)
        return made

    def _next_id(self, table: Table) -> int:
        real = self.real(table)
        found: int = self.store.execute(select(func.coalesce(func.max(real.c.id), 0) + 1)).scalar_one()
        return found


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
