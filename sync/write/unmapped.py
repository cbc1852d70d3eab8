"""Values that no rule of the profile covers: reported with how many items carried them, never guessed silently."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, delete, select, update

from portfolio.model.landing import UnmappedValue
from portfolio.store.upsert import upsert
from sync.tables import table_of
from sync.write.ledger import Ledger

LONGEST = 200


def report(store: Connection, ledger: Ledger) -> None:
    """Write down what was met since the last report. `items` counts mappings of items that met the value."""
    if not ledger.unmapped:
        return
    met: Counter[tuple[str, str]] = Counter()
    for (subject, value), count in ledger.unmapped.items():
        met[subject, value[:LONGEST]] += count
    ledger.unmapped.clear()
    own = UnmappedValue.connection_id == ledger.connection_id
    query = select(UnmappedValue.subject, UnmappedValue.value, UnmappedValue.items).where(own)
    before = {(subject, value): items for subject, value, items in store.execute(query)}
    rows = [
        {
            "connection_id": ledger.connection_id,
            "subject": subject,
            "value": value,
            "items": before.get((subject, value), 0) + count,
            "first_seen_at": ledger.now,
            "last_seen_at": ledger.now,
        }
        for (subject, value), count in met.items()
    ]
    upsert(store, table_of(UnmappedValue), rows, ["connection_id", "subject", "value"], ["items", "last_seen_at"])


def forget(store: Connection, connection_id: int) -> None:
    """Forget how many there are: everything is about to be mapped again. When they were first seen stays known."""
    store.execute(update(UnmappedValue).where(UnmappedValue.connection_id == connection_id).values(items=0))


def sweep(store: Connection, connection_id: int) -> None:
    """Remove what was not met since it was forgotten."""
    store.execute(delete(UnmappedValue).where(UnmappedValue.connection_id == connection_id, UnmappedValue.items == 0))
