"""Every sealed value of the store: which key opens it, and encrypting it anew with the newest.

What is done about the keys themselves is the caller's. Until everything is encrypted with the newest key the older ones
must stay at hand; then they can go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Connection, select, update

from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.sealed import SEALED, Sealed
from sync.errors import SealedError


class SealedValue(NamedTuple):
    """One sealed value, without the value: what it is, whose, since when, and the place of the key that opens it.

    `key` 0 is the newest; None is none of those at hand, and then nothing can tell `since`.
    """

    what: str
    owner: str
    since: datetime | None
    key: int | None

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.what} of {self.owner!r}"


def sealed_values(store: Connection, keys: Sequence[str]) -> list[SealedValue]:
    """All of them. `keys` are Fernet keys, the newest first."""
    ciphers = [Fernet(key) for key in keys]
    return [_seen(sealed, row.owner, row.value, ciphers) for sealed in SEALED for row in _rows(store, sealed)]


def reseal(store: Connection, keys: Sequence[str]) -> int:
    """Encrypt with the newest key whatever is not; tells how many that were.

    A value that somebody else changes meanwhile is left to them. Raises `SealedError`, with nothing changed, when one
    is opened by no key at hand.
    """
    found = sealed_values(store, keys)
    require_opened(found)
    newest, all_keys = [Fernet(keys[0])], MultiFernet([Fernet(key) for key in keys])
    changed = 0
    for sealed in SEALED:
        table = sealed.column.class_.__table__
        for row in _rows(store, sealed):
            if _seen(sealed, row.owner, row.value, newest).key is not None:
                continue
            place = [column == getattr(row, column.name) for column in table.primary_key]
            change = update(table).where(*place, sealed.column == row.value)
            changed += store.execute(change.values({sealed.column.key: all_keys.rotate(row.value)})).rowcount
    return changed


def require_opened(values: Sequence[SealedValue]) -> None:
    """Raise `SealedError`, naming them, when no key at hand opens some of the values."""
    lost = [each.name for each in values if each.key is None]
    if lost:
        raise SealedError(lost)


def _rows(store: Connection, sealed: Sealed) -> Iterator[Any]:
    table = sealed.column.class_.__table__
    query = select(*table.primary_key, sealed.column.label("value")).where(sealed.column.is_not(None))
    if "connection_id" in table.c:
        query = query.add_columns(ConnectionRow.name.label("owner")).join(
            ConnectionRow, ConnectionRow.id == table.c.connection_id
        )
    else:
        query = query.add_columns(table.c.name.label("owner"))
    yield from store.execute(query.order_by(*table.primary_key)).all()


def _seen(sealed: Sealed, owner: str, value: bytes, ciphers: Sequence[Fernet]) -> SealedValue:
    for place, cipher in enumerate(ciphers):
        try:
            since = cipher.extract_timestamp(value)
        except InvalidToken:
            continue
        return SealedValue(sealed.what, owner, datetime.fromtimestamp(since, UTC), place)
    return SealedValue(sealed.what, owner, None, None)
