"""Write many rows at once, new or known, on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

CHUNK = 1_000


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    key: Sequence[str],
    update: Sequence[str] | None = None,
) -> None:
    """Insert rows; where `key` (the columns of a unique constraint) is known already, update instead.

    `update` names the columns a known row takes over: None for every given column outside the key, empty for none
    (known rows stay as they are). All rows must give the same columns; columns not given take their defaults in a new
    row and keep their value in a known one. Of two rows with one key the later wins. Sent as one prepared statement
    with many parameter sets (pipelined by psycopg), not as one statement of many rows, which was measured slower and
    refuses a repeated key on PostgreSQL. Does not give back ids. Raises ValueError for rows of unlike columns.
    """
    if not rows:
        return
    columns = rows[0].keys()
    insert: Any = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
    wanted = [name for name in columns if name not in key] if update is None else list(update)
    if wanted:
        statement = insert.on_conflict_do_update(
            index_elements=list(key), set_={name: insert.excluded[name] for name in wanted}
        )
    else:
        statement = insert.on_conflict_do_nothing(index_elements=list(key))
    remaining = iter(rows)
    while chunk := [_checked(row, columns, table) for row in islice(remaining, CHUNK)]:
        connection.execute(statement, chunk)


def _checked(row: Mapping[str, Any], columns: Any, table: Table) -> dict[str, Any]:
    if row.keys() != columns:
        unlike = sorted(row.keys() ^ columns)
        raise ValueError(f"rows for {table.name} give unlike columns: {', '.join(unlike)}")
    return dict(row)
