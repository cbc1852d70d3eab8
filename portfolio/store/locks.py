"""What only one process may do at a time, whichever rows it touches."""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import Connection

from portfolio.store.engine import is_shadow


class Lock(IntEnum):
    """What is locked. The numbers mean something only to each other, and to no other program of the database."""

    PEOPLE = 7_204_202
    STRUCTURE = 7_204_203
    AUDIT = 7_204_204
    ACCOUNTS = 7_204_205
    SECRETS = 7_204_206
    MAPPING = 7_204_207
    GOVERNANCE = 7_204_208
    FIGURES = 7_204_209


def exclusive(store: Connection, lock: Lock) -> None:
    """Wait until nobody else holds the lock, and hold it until the transaction ends.

    Does nothing on SQLite, where a writer is alone from its beginning, nor in a shadow, where nobody else is.
    """
    if store.dialect.name == "postgresql" and not is_shadow(store):
        store.exec_driver_sql(f"SELECT pg_advisory_xact_lock({lock.value})")
