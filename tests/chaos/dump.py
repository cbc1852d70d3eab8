"""All rows of a portfolio without the ids the database gave them, so that two of them can be compared."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

import zstandard
from sqlalchemy import Connection, Engine, select

from portfolio.model import Base
from portfolio.store.engine import reading
from tests.chaos.kept import BOOKKEEPING

_PERSONS = frozenset({"assignee_id", "by_id"})
"""Columns that name a person without a foreign key."""
_NAMES = ("external_id", "code", "name")
_OWN = frozenset({"id", "run_id", "hash", "mapped_hash"})
"""Left out; a hash is one of bytes with the place, or with ids, in them."""


def dump(engine: Engine, address: str, without: Collection[str] = ()) -> dict[str, list[str]]:
    """The rows of each table, ids replaced by what they name, and the tracker's place by a word.

    `without` are columns that are left out, too.
    """
    place = urlsplit(address).netloc
    with reading(engine) as store:
        labels = _labels(store)
        return {
            table.name: sorted(
                repr([_value(column, value, labels) for column, value in zip(table.columns, row, strict=True)
                      if column.name not in _OWN and column.name not in without]).replace(place, "PLACE")
                for row in store.execute(select(table))
            )
            for table in Base.metadata.sorted_tables
            if table.name not in BOOKKEEPING
        }  # fmt: skip


def unlike(expected: dict[str, list[str]], found: dict[str, list[str]]) -> list[str]:
    """The rows that only one of two dumps has, a line each."""
    lines: list[str] = []
    for name, rows in expected.items():
        lines += [f"{name}: missing {row}" for row in rows if row not in found[name]][:3]
        lines += [f"{name}: too many {row}" for row in found[name] if row not in rows][:3]
        if len(rows) != len(found[name]):
            lines.append(f"{name}: {len(found[name])} rows in place of {len(rows)}")
    return lines


def _labels(store: Connection) -> dict[str, dict[Any, str]]:
    labels: dict[str, dict[Any, str]] = {}
    for table in Base.metadata.sorted_tables:
        name = next((column for column in _NAMES if column in table.columns), None)
        if name is not None and "id" in table.columns:
            labels[table.name] = dict(store.execute(select(table.c.id, table.c[name])).all())
    return labels


def _value(column: Any, value: Any, labels: dict[str, dict[Any, str]]) -> Any:
    if value is None:
        return None
    if column.name in _PERSONS:
        return labels["person"].get(value)
    for key in column.foreign_keys:
        return labels.get(key.column.table.name, {}).get(value, value)
    if column.name == "payload":
        return zstandard.ZstdDecompressor().decompress(bytes(value))
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
