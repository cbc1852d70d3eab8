"""Write many rows at once, new or known, on both databases.

One prepared statement and many parameter sets, handed to the driver as plain tuples: for bulk rows the toolkit's
per-row parameter handling costs more than the database itself. The statement is the toolkit's, compiled once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import islice, repeat
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Date, Dialect, Numeric, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from portfolio.model.base import Instant

CHUNK = 1_000
Row = Mapping[str, Any]


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
        wanted = tuple(name for name in columns if name not in key) if update is None else tuple(update)
        _write(connection, table, rows, _Form(columns, tuple(key), wanted))


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that are all new. The same rules as `upsert`; a known key is the driver's integrity error."""
    if rows:
        _write(connection, table, rows, _Form(tuple(rows[0]), (), ()))


class _Form(NamedTuple):
    """What a statement depends on beside its table."""

    columns: tuple[str, ...]
    key: tuple[str, ...]
    update: tuple[str, ...]


class _Place(NamedTuple):
    """One positional parameter: a given column with its conversion, or the `default` of one that is not given."""

    name: str
    given: bool
    convert: Callable[[Any], Any] | None
    default: Any


class _Statement(NamedTuple):
    """SQL with positional parameters."""

    sql: str
    places: tuple[_Place, ...]


def _write(connection: Connection, table: Table, rows: Sequence[Row], form: _Form) -> None:
    statement = _compile(connection.dialect.name, table, form)
    given = frozenset(form.columns)
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        for row in chunk:
            if row.keys() != given:
                unlike = ", ".join(sorted(row.keys() ^ given))
                raise ValueError(f"rows for {table.name} give unlike columns: {unlike}")
        # Column by column, so that one that needs no conversion costs next to nothing.
        columns = (_values(place, chunk) for place in statement.places)
        connection.exec_driver_sql(statement.sql, list(zip(*columns, strict=False)))


def _values(place: _Place, rows: Sequence[Row]) -> Iterable[Any]:
    if not place.given:
        return repeat(place.default, len(rows))
    values = map(itemgetter(place.name), rows)
    convert = place.convert
    return values if convert is None else [None if value is None else convert(value) for value in values]


@lru_cache(maxsize=256)
def _compile(dialect_name: str, table: Table, form: _Form) -> _Statement:
    # A column that is not given takes its Python-side default, here a constant of the statement.
    absent = [c.name for c in table.columns if c.name not in form.columns and c.default is not None]
    # Positional parameters on both: psycopg's own default are named ones.
    postgres = dialect_name == "postgresql"
    dialect: Dialect = PGDialect_psycopg(paramstyle="format") if postgres else sqlite.dialect()  # type: ignore[no-untyped-call]
    insert: Any = (postgresql if postgres else sqlite).insert(table)
    if form.update:
        taken = {name: insert.excluded[name] for name in form.update}
        insert = insert.on_conflict_do_update(index_elements=list(form.key), set_=taken)
    elif form.key:
        insert = insert.on_conflict_do_nothing(index_elements=list(form.key))
    compiled = insert.compile(dialect=dialect, column_keys=[*form.columns, *absent])
    return _Statement(
        str(compiled),
        tuple(
            _Place(
                name,
                name in form.columns,
                _converter(table, name, dialect_name),
                None if name in form.columns else _default(table, name, dialect_name),
            )
            for name in compiled.positiontup
        ),
    )


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


def _instant_text(value: datetime) -> str:
    """The text SQLAlchemy stores for an instant on SQLite: UTC, microseconds, no offset."""
    return _aware(value).astimezone(UTC).isoformat(" ", "microseconds")[:26]
