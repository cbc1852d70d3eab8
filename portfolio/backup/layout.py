"""What is in a backup: which tables and columns, and how their values are written.

A file is one zstd frame of lines of JSON: a `Header`; then, for each table of the header in its order, one array for
each row and a `TableEnd`; then a `Trailer`. Tables stand after those they refer to. Binary values are base64, instants
RFC 3339 in UTC, decimals text. What is sealed in the store is in the file as it is sealed.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
)
from sqlalchemy.types import TypeEngine

from portfolio.model import Base, Instant
from portfolio.model.landing import Lease, RateBudget, RunRequest, SliceClaim
from portfolio.model.oversight import DutyLease

FORMAT = "sightline-backup"
VERSION = 1
MAGIC = b"\x28\xb5\x2f\xfd"
"""How every zstd frame begins."""

LEFT_OUT = frozenset(model.__tablename__ for model in (Lease, DutyLease, SliceClaim, RateBudget, RunRequest))
"""What belongs to processes that run, and to nobody when they are gone."""

# The first that fits a column is its kind: a decimal is what is numeric and no float.
_KINDS: tuple[tuple[str, type[TypeEngine[Any]], Any], ...] = (
    ("instant", Instant, datetime),
    ("date", Date, date),
    ("boolean", Boolean, bool),
    ("integer", Integer, int),
    ("real", Float, float),
    ("decimal", Numeric, Decimal),
    ("text", String, str),
    ("bytes", LargeBinary, bytes),
)


class TableLayout(msgspec.Struct, frozen=True):
    """One table: how many rows it has, and its columns in their order, each with the word for its kind."""

    name: str
    rows: int
    columns: tuple[tuple[str, str], ...]


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line. `revision` is that of the schema, `product` the version that wrote the file, `database` the kind
    it was made from."""

    format: str
    version: int
    product: str
    revision: str
    database: str
    made_at: datetime
    tables: tuple[TableLayout, ...]

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)


class TableEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The line after a table's rows: the SHA-256 of their bytes."""

    sha256: str


class Trailer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last line: the SHA-256 of the header's bytes and of the tables' digests after one another."""

    end: str


class Contents(msgspec.Struct, frozen=True):
    """A backup that was read or written to its end, with the digest of each table."""

    header: Header
    digests: dict[str, str]


def tables() -> list[Table]:
    """The tables of the model that a backup holds, each after those it refers to."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


def layout_of(table: Table, rows: int) -> TableLayout:
    """How a table of the model stands in a backup."""
    return TableLayout(str(table.name), rows, tuple((str(column.name), _kind(column)) for column in table.columns))


def table_for(layout: TableLayout) -> Table:
    """A table to insert the rows of a layout into: as it was when the backup was made, whatever the model is now."""
    kinds = {word: kind for word, kind, _ in _KINDS} | {"integer": BigInteger}
    return Table(layout.name, MetaData(), *(Column(name, kinds[word]()) for name, word in layout.columns))


def row_type(layout: TableLayout) -> Any:
    """The type that a row's line is decoded to. Raises KeyError for a kind of column that is not known."""
    kinds = {word: value for word, _, value in _KINDS}
    return tuple[tuple(kinds[word] | None for _, word in layout.columns)]  # type: ignore[misc]


def _kind(column: Column[Any]) -> str:
    for word, kind, _ in _KINDS:
        if isinstance(column.type, kind):
            return word
    raise TypeError(f"backups know no columns of the kind of {column}")
