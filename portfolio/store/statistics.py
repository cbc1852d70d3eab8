"""What the database knows of its tables' sizes, by which it chooses its ways."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Table


def refresh_statistics(store: Connection, tables: Iterable[Table]) -> None:
    """Have PostgreSQL look at these tables again, in this transaction.

    It does so by itself, but too late for tables that fill in seconds: until then it takes them for empty, and reads
    them whole for every row it looks up. SQLite's ways do not depend on it.
    """
    if store.dialect.name == "postgresql":
        quote = store.dialect.identifier_preparer.format_table
        store.exec_driver_sql(f"ANALYZE {', '.join(quote(table) for table in tables)}")
