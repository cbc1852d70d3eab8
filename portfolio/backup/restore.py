"""Restoring a backup: into an empty database, or in place of all that is in one, in one transaction.

The schema is made as it was when the backup was, the rows are put in, and then the schema is brought to what this
program needs, with the steps any database takes. Rows are only ever inserted, never changed or deleted one by one, so
that the rules of append-only tables hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, column, func, inspect, literal, select, table
from sqlalchemy.exc import DBAPIError

from portfolio.audit.append import head
from portfolio.audit.entry import Actor
from portfolio.backup.errors import DamagedBackup, NewerBackup, not_empty, not_ours, not_storable
from portfolio.backup.layout import Contents, TableLayout, table_for
from portfolio.backup.read import BackupReader, Batch
from portfolio.backup.settle import settle
from portfolio.backup.write import Progress
from portfolio.model import Base
from portfolio.model.access import AuditEntry
from portfolio.store.engine import reading
from portfolio.store.errors import StoreError, explain
from portfolio.store.migrate import head_revision, is_known, migrating, revision_of, step_down, step_up
from portfolio.store.statistics import refresh_statistics
from portfolio.store.upsert import insert_values

# The SQLSTATE classes of PostgreSQL for a value it cannot hold, and for a constraint that does not hold.
_BAD_VALUE, _BROKEN_RULE = "22", "23"


def restore_backup(
    engine: Engine,
    reader: BackupReader,
    *,
    replace: bool,
    now: datetime,
    actor: Actor,
    progress: Progress | None = None,
) -> Contents:
    """Restore everything the reader reads, and note it in the audit log.

    With `replace`, everything that is in the database is destroyed first. Nobody else may use it meanwhile. Raises
    `BackupError` or `StoreError`, and leaves the database as it was.
    """
    header = reader.header
    if not is_known(header.revision):
        raise NewerBackup(header.product)
    with migrating(engine) as store:
        _require_room(store, replace)
        replaced = _log_head(store)
        if revision_of(store) is not None:
            step_down(store, "base")
        step_up(store, header.revision)
        done = 0
        for layout in header.tables:
            _require_columns(store, layout)
            for count in _fill(store, layout, reader.batches(layout)):
                done += count
                if progress is not None:
                    progress(layout.name, done, header.rows)
        contents = reader.contents()
        _require_references(store)
        _advance_numbers(store, header.tables)
        step_up(store)
        settle(store, header, now, actor, replaced)
        refresh_statistics(store, Base.metadata.sorted_tables)
    return contents


def is_empty(engine: Engine) -> bool:
    """Whether a backup can be restored without destroying anything. Raises `CannotRestore` for what is not ours."""
    with reading(engine) as store:
        return _is_empty(store)


def _require_room(store: Connection, replace: bool) -> None:
    if not _is_empty(store) and not replace:
        raise not_empty()


def _is_empty(store: Connection) -> bool:
    revision = revision_of(store)
    present = set(inspect(store).get_table_names()) & set(Base.metadata.tables)
    if revision is None and present:
        raise not_ours()
    if revision is not None and not is_known(revision):
        raise not_ours()
    # That the schema was made is noted in the log of a database that holds nothing else.
    looked_at = sorted(present - {AuditEntry.__tablename__})
    return not any(store.execute(select(literal(1)).select_from(table(name)).limit(1)).first() for name in looked_at)


def _log_head(store: Connection) -> dict[str, Any] | None:
    """Where the audit log stood that is replaced: who noted it elsewhere can tell that it was this one."""
    if revision_of(store) != head_revision():
        return None
    entry_id, hashed = head(store)
    return {"entry": entry_id, "hash": hashed} if entry_id else None


def _require_columns(store: Connection, layout: TableLayout) -> None:
    """The names in a file are put into statements only where the schema has them too."""
    inspector = inspect(store)
    if not inspector.has_table(layout.name) or {each["name"] for each in inspector.get_columns(layout.name)} != {
        name for name, _ in layout.columns
    }:
        raise DamagedBackup("its tables are not those of its version")


def _fill(store: Connection, layout: TableLayout, batches: Iterator[Batch]) -> Iterator[int]:
    """Put the rows in, telling of each batch how many they were."""
    try:
        filling = _copy if store.dialect.name == "postgresql" else _insert
        yield from filling(store, table_for(layout), batches)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - what a driver raises under COPY has no common base here
        raise _refused(error, store.dialect.name, layout.name) from None


def _insert(store: Connection, into: Table, batches: Iterator[Batch]) -> Iterator[int]:
    names = tuple(each.name for each in into.columns)
    for batch in batches:
        insert_values(store, into, names, batch)
        yield len(batch)


def _copy(store: Connection, into: Table, batches: Iterator[Batch]) -> Iterator[int]:
    """In one statement, at whose end the references are checked: a row may refer to a later one of its table."""
    quote = store.dialect.identifier_preparer
    names = ", ".join(quote.quote(each.name) for each in into.columns)
    raw: Any = store.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f"COPY {quote.format_table(into)} ({names}) FROM STDIN") as copy:
        for batch in batches:
            for row in batch:
                copy.write_row(row)
            yield len(batch)


def _refused(error: Exception, dialect: str, name: str) -> Exception:
    """What it means that the database did not take the rows of a table. Its words may quote them, ours do not."""
    original = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    explained = explain(dialect, original)
    if explained is not None:
        return explained
    code = str(getattr(original, "sqlstate", None) or "")
    if code.startswith(_BROKEN_RULE) or type(original).__name__ == "IntegrityError":
        return DamagedBackup(f"the rows of {name} contradict each other or refer to what is not there")
    if code.startswith(_BAD_VALUE) or isinstance(original, OverflowError) or type(original).__name__ == "DataError":
        return not_storable(name)
    return error


def _require_references(store: Connection) -> None:
    """SQLite has let go of foreign keys for the time of the schema's steps; PostgreSQL has checked them already."""
    if store.dialect.name == "sqlite" and store.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise DamagedBackup("its rows refer to what is not there")


def _advance_numbers(store: Connection, layouts: Iterable[TableLayout]) -> None:
    """Have new rows numbered from after the restored ones. SQLite does by itself."""
    if store.dialect.name != "postgresql":
        return
    quote = store.dialect.identifier_preparer.quote
    for layout in layouts:
        for name, kind in layout.columns:
            if kind != "integer":
                continue
            sequence = store.scalar(select(func.pg_get_serial_sequence(quote(layout.name), name)))
            if sequence is not None:
                last: Any = func.max(column(name))
                store.execute(
                    select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))).select_from(
                        table(layout.name)
                    )
                )
