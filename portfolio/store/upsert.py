"""Write many rows at once, new or known, on both databases.

One prepared statement and many parameter sets, handed to the driver as plain tuples: for bulk rows the toolkit's
per-row parameter handling costs more than the database itself. The statement is the toolkit's, compiled once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple

from sqlalchemy import Connection, Date, Dialect, Numeric, Table

from portfolio.model.base import Instant

CHUNK = 1_000
Row = Mapping[str, Any]
Values = tuple[Any, ...]


def upsert(
    connection: Connection, table: Table, rows: Sequence[Row], key: Sequence[str], update: Sequence[str] | None = None
) -> None:
    """Insert rows; where `key` (the columns of a unique constraint) is known already, update instead.

    `update` names the columns a known row takes over: None for every given column outside the key, empty for none
    (known rows stay as they are). All rows must give the same columns; columns not given take their defaults in a new
    row and keep their value in a known one. Of two rows with one key the later wins. Does not give back ids. Raises
    ValueError for rows of unlike columns.
    """
    if rows:
        columns = tuple(rows[0])
        upsert_values(connection, table, columns, _values(table, columns, rows), key, update)


def upsert_values(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[Values],
    key: Sequence[str],
    update: Sequence[str] | None = None,
) -> None:
    """`upsert` for many rows: the columns are named once, and a row is its values in that order."""
    wanted = tuple(name for name in columns if name not in key) if update is None else tuple(update)
    _write(connection, table, rows, _Form(tuple(columns), tuple(key), wanted))


def insert_values(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Values]) -> None:
    """Insert rows that are all new. The same rules as `upsert_values`; a known key is the driver's integrity error."""
    _write(connection, table, rows, _Form(tuple(columns), (), ()))


def insert_knowing(dialect_name: str, table: Table) -> Any:
    """An insert that can say what becomes of rows that are there, in the words of one kind of database."""
    if dialect_name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        return postgresql_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(table)


class _Form(NamedTuple):
    """What a statement depends on beside its table."""

    columns: tuple[str, ...]
    key: tuple[str, ...]
    update: tuple[str, ...]


class _Place(NamedTuple):
    """One positional parameter: the given column at `position` with its conversion, or (None) always `default`."""

    position: int | None
    convert: Callable[[Any], Any] | None
    default: Any


class _Statement(NamedTuple):
    """SQL with positional parameters."""

    sql: str
    places: tuple[_Place, ...]


def _values(table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> list[Values]:
    given = frozenset(columns)
    for row in rows:
        if row.keys() != given:
            unlike = ", ".join(sorted(row.keys() ^ given))
            raise ValueError(f"rows for {table.name} give unlike columns: {unlike}")
    return [tuple(map(row.__getitem__, columns)) for row in rows]


def _write(connection: Connection, table: Table, rows: Sequence[Values], form: _Form) -> None:
    statement = _compile(connection.dialect.name, table, form)
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        # Column by column, so that one that needs no conversion costs next to nothing.
        given = list(zip(*chunk, strict=True))
        columns = (_column(place, given, len(chunk)) for place in statement.places)
        connection.exec_driver_sql(statement.sql, list(zip(*columns, strict=False)))


def _column(place: _Place, given: Sequence[Values], count: int) -> Iterable[Any]:
    if place.position is None:
        return repeat(place.default, count)
    values, convert = given[place.position], place.convert
    return values if convert is None else [None if value is None else convert(value) for value in values]


@lru_cache(maxsize=256)
def _compile(dialect_name: str, table: Table, form: _Form) -> _Statement:
    # A column that is not given takes its Python-side default, here a constant of the statement.
    absent = [c.name for c in table.columns if c.name not in form.columns and c.default is not None]
    insert = insert_knowing(dialect_name, table)
    if form.update:
        taken = {name: insert.excluded[name] for name in form.update}
        insert = insert.on_conflict_do_update(index_elements=list(form.key), set_=taken)
    elif form.key:
        insert = insert.on_conflict_do_nothing(index_elements=list(form.key))
    compiled = insert.compile(dialect=_dialect(dialect_name), column_keys=[*form.columns, *absent])
    return _Statement(
        str(compiled),
        tuple(
            _Place(form.columns.index(name), _converter(table, name, dialect_name), None)
            if name in form.columns
            else _Place(None, None, _default(table, name, dialect_name))
            for name in compiled.positiontup
        ),
    )


def _dialect(dialect_name: str) -> Dialect:
    """The dialect of one kind of database, which alone is loaded: each takes its time."""
    if dialect_name == "postgresql":
        from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

        # Positional parameters as on SQLite: psycopg's own default are named ones.
        return PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]
    from sqlalchemy.dialects import sqlite

    return sqlite.dialect()


def _default(table: Table, name: str, dialect_name: str) -> Any:
    value = table.columns[name].default.arg  # type: ignore[union-attr]  # asked only of columns that have one
    convert = _converter(table, name, dialect_name)
    return value if convert is None else convert(value)


def _converter(table: Table, name: str, dialect_name: str) -> Callable[[Any], Any] | None:
    """How a value of this column goes to the driver. SQLite's knows no dates and decimals; psycopg knows them all."""
    kind = table.columns[name].type
    if isinstance(kind, Instant):
        return _instant_text if dialect_name == "sqlite" else _aware
    if dialect_name != "sqlite":
        return None
    if isinstance(kind, Date):
        return date.isoformat
    return float if isinstance(kind, Numeric) else None


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {value!r}")
    return value


@lru_cache(maxsize=8192)
def _instant_text(value: datetime) -> str:
    """The text SQLAlchemy stores for an instant on SQLite: UTC, microseconds, no offset.

    Remembered, because the rows of one change in several tables carry the same instant and writing it out is slow.
    """
    moment = value if value.tzinfo is UTC else _aware(value).astimezone(UTC)
    return moment.isoformat(" ", "microseconds")[:26]
